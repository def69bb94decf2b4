/** What was deleted, and what files were before. */

import type { FileSource } from './files';
import { ask, url } from './http';
import type { Node, Person } from './types';

export interface Trashed {
  /** of the file or folder; it keeps it when it comes back */
  id: string;
  name: string;
  /** where it was */
  path: string;
  kind: 'file' | 'folder';
  size: number;
  mtime: number;
  mime: string;
  deleted: number;
  deleted_by: Person;
}

export interface Failed {
  id: string;
  error: { code: string; message: string };
}

export interface Version {
  id: string;
  size: number;
  mtime: number;
  /** when it was stored */
  created: number;
  author: Person;
  current: boolean;
}

const MOST_AT_ONCE = 500; // the service takes a thousand

/** Asks in pieces that the service takes, and puts the answers together. */
async function inPieces<K extends string, T>(ids: readonly string[], route: string, key: K): Promise<{ done: T[]; failed: Failed[] }> {
  const done: T[] = [];
  const failed: Failed[] = [];
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    const json = { ids: ids.slice(at, at + MOST_AT_ONCE) };
    const answer = await ask<Record<K, T[]> & { failed: Failed[] }>('POST', route, { json });
    done.push(...answer[key]);
    failed.push(...answer.failed);
  }
  return { done, failed };
}

export const trash = async (): Promise<Trashed[]> => (await ask<{ items: Trashed[] }>('GET', 'trash')).items;
export const emptyTrash = (): Promise<void> => ask('DELETE', 'trash');
export const restore = (ids: readonly string[]) => inPieces<'restored', Node>(ids, 'trash/restore', 'restored');
export const deleteForEver = (ids: readonly string[]) => inPieces<'deleted', string>(ids, 'trash/delete', 'deleted');

export const versions = async (path: string): Promise<Version[]> =>
  (await ask<{ versions: Version[] }>('GET', 'versions', { query: { path } })).versions;

export const restoreVersion = (path: string, id: string): Promise<Node> => ask('POST', `versions/${id}/restore`, { json: { path } });

/** Reads one version of a file as if it were the file. */
export function versionSource(id: string): FileSource {
  return {
    list: () => Promise.reject(new Error('A version is a single file.')),
    contentUrl: (path, download) => url(`versions/${id}/content`, { path, download: download ? 1 : undefined }),
    previewUrl: path => url(`versions/${id}/preview`, { path }),
    archiveUrl: () => '',
  };
}
