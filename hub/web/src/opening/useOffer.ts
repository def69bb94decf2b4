import { useCallback, useEffect, useState } from 'react';
import { files, publicFiles, publicItem, type FileSource } from '../api/files';
import type { Node } from '../api/types';
import { entryFiles, galleryClient } from '../gallery/api';
import { join, ROOT } from '../lib/paths';
import { copyFromLink, found, type Target } from './api';

/** Something that can be opened: looked at first, then opened where it is, or copied and then opened. */
export interface Offer {
  node: Node;
  source: FileSource;
  /** Whose it is, where that is somebody else. */
  by: string;
  /** Makes a copy in a folder of the person's own; null: it is theirs to open. */
  take: ((folder: string) => Promise<{ path: string }>) | null;
  /** The name of what is copied: the file, or the folder around it. */
  copied: { name: string; folder: boolean };
  /** Where the file lies in the copy, when a folder is copied. */
  inside: string;
}

export type Found = { offer: Offer } | { share: string } | { locked: string } | { error: Error } | null;

async function ofLink(token: string, path: string): Promise<Found> {
  const item = await publicItem(token);
  if (item.needs_password) return { locked: token };
  const source = publicFiles(token);
  const { node } = await source.list(path);
  const folder = item.item === 'folder';
  return {
    offer: {
      node: folder ? node : { ...node, path: ROOT },
      source,
      by: item.owner.display_name,
      take: destination => copyFromLink(token, destination),
      copied: { name: item.name, folder },
      inside: folder ? path : ROOT,
    },
  };
}

async function ofGallery(id: string): Promise<Found> {
  const client = galleryClient();
  const { name, author, size, published } = await client.entry(id);
  const node: Node = {
    id: '', name, path: ROOT, kind: 'file', size, mtime: published, mime: 'application/x-ipynb+json', etag: id, permissions: 'G',
    share_types: [], owner: author,
  };
  return {
    offer: {
      node, source: entryFiles(id), by: author.display_name, take: destination => client.copy(id, destination),
      copied: { name, folder: false }, inside: ROOT,
    },
  };
}

async function ofOwn(target: Target): Promise<Found> {
  const { node, share } = await found(target);
  if (!node) return { share: share ?? '' };
  return { offer: { node, source: files, by: '', take: null, copied: { name: node.name, folder: false }, inside: ROOT } };
}

export function look(target: Target): Promise<Found> {
  if (target.link) return ofLink(target.link, target.path ?? ROOT);
  return target.gallery ? ofGallery(target.gallery) : ofOwn(target);
}

/** What a link leads to, and how to look again. */
export function useOffer(target: Target): [Found, () => void] {
  const [state, setState] = useState<Found>(null);
  const { file, path, link, gallery } = target;
  const load = useCallback(() => {
    look({ file, path, link, gallery }).then(setState, (error: Error) => setState({ error }));
  }, [file, path, link, gallery]);
  useEffect(load, [load]);
  return [state, load];
}

/** Where the file lies after its folder was copied to `copy`. */
export const within = (copy: string, inside: string): string => (inside === ROOT ? copy : join(copy, inside.slice(1)));
