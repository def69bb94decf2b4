/** Deleting: at once into the trash, and with Undo back from there. */

import { t, tn } from '@cygnet/texts';
import * as api from '../api/files';
import { restore } from '../api/history';
import type { DeleteResult, Node } from '../api/types';
import type { Site } from '../app/site';
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
    say({ text: words(removed), action: { label: t('Undo'), run: undo, undoes: true }, milliseconds: STAY });
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
    if (failed.length) say({ text: tn('{n} item could not be brought back. {message}', '{n} items could not be brought back. {message}', failed.length, { message: failed[0].error.message }), problem: true });
    else say({ text: removed.length === 1 ? t('“{name}” is back.', { name: removed[0].name }) : tn('{n} item is back.', '{n} items are back.', removed.length) });
  } catch (cause) {
    say.problem(cause);
  } finally {
    site.bus.tell(null);
  }
}

function words(removed: readonly Node[]): string {
  const [{ name }] = removed;
  const n = removed.length;
  if (removed.every(isMount)) {
    if (n === 1) return t('“{name}” is no longer among your files; its owner keeps it.', { name });
    return tn('{n} item is no longer among your files; its owner keeps it.', '{n} items are no longer among your files; their owners keep them.', n);
  }
  return n === 1 ? t('Moved “{name}” to Deleted files.', { name }) : tn('Moved {n} item to Deleted files.', 'Moved {n} items to Deleted files.', n);
}

function problemOf({ failed }: DeleteResult): string {
  const [{ path, error }] = failed;
  const why = typeof error === 'string' ? error : error.message;
  if (failed.length === 1) return t('{path} was not deleted. {why}', { path, why });
  return tn('{path} and {n} more were not deleted. {why}', '{path} and {n} more were not deleted. {why}', failed.length - 1, { path, why });
}
