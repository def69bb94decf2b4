/** Deleting: at once into the trash, and with Undo back from there. */

import * as api from '../api/files';
import { restore } from '../api/history';
import type { DeleteResult, Node } from '../api/types';
import type { Site } from '../app/site';
import { count } from '../lib/format';
import type { Say } from '../ui/toasts';

const SETTLED = 1_000; // milliseconds in which listings have been asked for anew
const STAY = 12_000; // milliseconds for which Undo is offered

type Around = Pick<Site, 'bus' | 'sharing' | 'vanished'>;

export async function removeAll(nodes: readonly Node[], site: Around, say: Say): Promise<void> {
  const paths = nodes.map(node => node.path);
  const show = site.vanished.hide(paths);
  try {
    const shares = await sharesAt(nodes.filter(isMount), site);
    const result = await api.remove(paths);
    site.bus.tell(paths);
    const gone = new Set(result.deleted);
    if (result.failed.length) say({ text: problemOf(result), problem: true });
    const removed = nodes.filter(node => gone.has(node.path));
    if (!removed.length) return show();
    const undo = (): void => void bringBack(removed, shares, site, say).finally(show);
    say({ text: words(removed), action: { label: 'Undo', run: undo, undoes: true }, milliseconds: STAY });
    window.setTimeout(show, SETTLED);
  } catch (cause) {
    show();
    say.problem(cause);
  }
}

/** What others shared is not deleted, only taken out of one's own tree. */
const isMount = (node: Node): boolean => node.permissions.includes('M');

async function sharesAt(mounts: readonly Node[], { sharing }: Around): Promise<string[]> {
  if (!mounts.length) return [];
  const paths = new Set(mounts.map(node => node.path));
  return (await sharing.shares('with-me')).filter(share => share.path && paths.has(share.path)).map(share => share.id);
}

async function bringBack(removed: readonly Node[], shares: readonly string[], site: Around, say: Say): Promise<void> {
  try {
    const ids = removed.filter(node => !isMount(node)).map(node => node.id);
    const { failed } = await restore(ids);
    for (const id of shares) await site.sharing.accept(id);
    if (failed.length) say({ text: `${count(failed.length, 'item')} could not be brought back. ${failed[0].error.message}`, problem: true });
    else say({ text: removed.length === 1 ? `“${removed[0].name}” is back.` : `${count(removed.length, 'item')} are back.` });
  } catch (cause) {
    say.problem(cause);
  } finally {
    site.bus.tell(null);
  }
}

function words(removed: readonly Node[]): string {
  const what = removed.length === 1 ? `“${removed[0].name}”` : count(removed.length, 'item');
  if (removed.every(isMount)) return `${what} is no longer among your files; its owner keeps it.`;
  return `Moved ${what} to Deleted files.`;
}

function problemOf({ failed }: DeleteResult): string {
  const [{ path, error }] = failed;
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  return `${path}${more} was not deleted. ${typeof error === 'string' ? error : error.message}`;
}
