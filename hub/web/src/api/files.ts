/** Everything the site asks about a person's own tree and settings. */

import type { Share } from '@cygnet/sharing';
import { ask, url } from './http';
import type { AppPassword, DeleteResult, Listing, Me, NewAppPassword, Node, PublicItem } from './types';

/** A tree that can be listed, read and previewed: a person's own, or one behind a public link. */
export interface FileSource {
  list(path: string, signal?: AbortSignal): Promise<Listing>;
  contentUrl(path: string, download?: boolean): string;
  previewUrl(path: string): string;
  archiveUrl(paths: string[]): string;
}

export const files: FileSource = {
  list: (path, signal) => ask<Listing>('GET', 'files', { query: { path }, signal }),
  contentUrl: (path, download) => url('content', { path, download: download ? 1 : undefined }),
  previewUrl: path => url('preview', { path }),
  archiveUrl: paths => url('archive', { path: paths }),
};

export const publicFiles = (token: string): FileSource => filesBelow(`public/${encodeURIComponent(token)}`);

/** What somebody shared, to be looked at before it is accepted. */
export const sharedFiles = (id: string): FileSource => filesBelow(`shares/${encodeURIComponent(id)}`);

export const share = (id: string): Promise<Share> => ask('GET', `shares/${encodeURIComponent(id)}`);

function filesBelow(root: string): FileSource {
  return {
    list: (path, signal) => ask<Listing>('GET', `${root}/files`, { query: { path }, signal }),
    contentUrl: (path, download) => url(`${root}/content`, { path, download: download ? 1 : undefined }),
    previewUrl: path => url(`${root}/preview`, { path }),
    archiveUrl: paths => url(`${root}/archive`, { path: paths }),
  };
}

export const me = (): Promise<Me> => ask('GET', 'me');
export const makeFolder = (path: string): Promise<Node> => ask('POST', 'folders', { json: { path } });

export type Transfer = 'move' | 'copy';

export const transfer = (how: Transfer, source: string, destination: string, overwrite = false): Promise<Node> =>
  ask('POST', `files/${how}`, { json: { source, destination, overwrite } });

const MOST_AT_ONCE = 500; // the service takes a thousand
const MOST_KEPT_ALIVE = 30_000; // characters; browsers limit what may go on after the page is left

function removeSome(paths: string[]): Promise<DeleteResult> {
  const keepalive = paths.join().length < MOST_KEPT_ALIVE;
  return ask('POST', 'files/delete', { json: { paths }, keepalive });
}

export async function remove(paths: string[]): Promise<DeleteResult> {
  const all: DeleteResult = { deleted: [], failed: [] };
  for (let at = 0; at < paths.length; at += MOST_AT_ONCE) {
    const { deleted, failed } = await removeSome(paths.slice(at, at + MOST_AT_ONCE));
    all.deleted.push(...deleted);
    all.failed.push(...failed);
  }
  return all;
}

export const search = (q: string, signal?: AbortSignal): Promise<{ nodes: Node[] }> =>
  ask('GET', 'search', { query: { q, limit: 200 }, signal });

export const appPasswords = async (): Promise<AppPassword[]> =>
  (await ask<{ app_passwords: AppPassword[] }>('GET', 'app-passwords')).app_passwords;

export const makeAppPassword = (label: string): Promise<NewAppPassword> => ask('POST', 'app-passwords', { json: { label } });

export const revokeAppPassword = (id: string): Promise<void> => ask('DELETE', `app-passwords/${encodeURIComponent(id)}`);

export const publicItem = (token: string): Promise<PublicItem> => ask('GET', `public/${encodeURIComponent(token)}`);

export const unlockPublic = (token: string, password: string): Promise<void> =>
  ask('POST', `public/${encodeURIComponent(token)}/unlock`, { json: { password } });
