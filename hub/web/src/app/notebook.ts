import type { Me } from '../api/types';
import { encodePath } from '../lib/paths';

/** Opens a file in the person's notebook server; the hub starts one first if none runs. */
export function notebookAddress(me: Me, path: string): string {
  return `${me.hub_url}user-redirect/lab/tree/${encodePath(path)}`;
}

/** The person's notebook server: the page that starts it, or the server itself when it runs. */
export function notebookHome(me: Me): string {
  return `${me.hub_url}spawn`;
}
