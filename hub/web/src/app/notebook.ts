import type { Me } from '../api/types';
import { encodePath } from '../lib/paths';

/**
 * Opens a file in the person's notebook server; the hub starts one first if none runs.
 *
 * @param environment the software of a server that is to be started; empty: what the person chose last
 */
export function notebookAddress(me: Me, path: string, environment = ''): string {
  const address = `${me.hub_url}user-redirect/lab/tree/${encodePath(path)}`;
  if (!environment) return address;
  return `${me.hub_url}spawn?${new URLSearchParams({ 'opt-environment': environment, 'opt-open_file': path.slice(1) })}`;
}

/** The person's notebook server: the page that starts it, or the server itself when it runs. */
export function notebookHome(me: Me): string {
  return `${me.hub_url}spawn`;
}
