import { useCallback, useEffect, useMemo, useState } from 'react';
import { t, tn } from '@cygnet/texts';
import * as api from '../api/history';
import type { Failed, Trashed } from '../api/history';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { useRouter } from '../app/router';
import { folderRoute } from '../app/routes';
import { useDelayed, useSite, useTouched } from '../app/site';
import { NodeList } from '../files/list/NodeList';
import { basename, join, parent, ROOT } from '../lib/paths';
import { keep, NOTHING } from '../lib/selection';
import { sorted, type Order } from '../lib/sort';
import { Button, IconButton } from '../ui/Button';
import { ConfirmDialog } from '../ui/ConfirmDialog';
import { useDialogs } from '../ui/dialogs';
import { Empty, Loading } from '../ui/states';
import { useToasts } from '../ui/toasts';

const NEWEST: Order = { by: 'mtime', descending: true };
const RELOAD_DELAY = 400;

/** What was deleted, until it is deleted for ever. */
export function DeletedView(): JSX.Element {
  const { items, error, reload } = useTrash();
  const [order, setOrder] = useState(NEWEST);
  const [selection, setSelection] = useState(NOTHING);
  const places = useMemo(() => new Map((items ?? []).map(item => [keyOf(item), parent(item.path)])), [items]);
  const nodes = useMemo(() => sorted((items ?? []).map(nodeOf), order), [items, order]);
  useEffect(() => setSelection(now => keep(now, nodes.map(node => node.path))), [nodes]);
  const chosen = nodes.filter(node => selection.chosen.has(node.path));
  const does = useDoes(reload);
  return (
    <div className="view">
      <div className="view-head">
        <h1>{t('Deleted files')}</h1>
        <div className="toolbar" role="toolbar" aria-label={t('Deleted files')}>
          {chosen.length > 0 ? (
            <Chosen chosen={chosen} does={does} onClear={() => setSelection(NOTHING)} />
          ) : (
            nodes.length > 0 && <Button icon="trash" onClick={() => void does.empty(nodes.length)}>{t('Delete all for ever')}</Button>
          )}
        </div>
      </div>
      {error && <Empty icon="warning" title={t('This list cannot be shown')}><p>{error}</p><Button icon="refresh" onClick={reload}>{t('Try again')}</Button></Empty>}
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty icon="trash" title={t('Nothing was deleted')}>{t('What you delete comes here first, and can be put back to where it was.')}</Empty>
      )}
      {nodes.length > 0 && (
        <NodeList
          label={t('Deleted files')}
          nodes={nodes}
          look="table"
          timeWords={t('Deleted')}
          placeOf={node => t('was in {folder}', { folder: placeWords(places.get(node.path) ?? ROOT) })}
          selection={selection}
          onSelection={setSelection}
          onOpen={node => void does.restore([node])}
          menuOf={node => {
            const meant = selection.chosen.has(node.path) ? chosen : [node];
            return [
              { label: t('Restore'), icon: 'refresh', run: () => void does.restore(meant) },
              { label: t('Delete for ever'), icon: 'trash', run: () => void does.purge(meant), danger: true, keys: 'Del' },
            ];
          }}
          order={order}
          onOrder={setOrder}
          onKey={event => event.key === 'Delete' && chosen.length > 0 && void does.purge(chosen)}
        />
      )}
    </div>
  );
}

const placeWords = (folder: string): string => (folder === ROOT ? t('All files') : folder);
const keyOf = (item: Trashed): string => join(ROOT, item.id);

/** Two things of the same name can have been deleted from the same place: here their ids are their paths. */
function nodeOf(item: Trashed): Node {
  const { id, name, kind, size, mime, deleted, deleted_by } = item;
  return { id, name, kind, size, mime, path: keyOf(item), mtime: deleted, etag: '', permissions: '', share_types: [], owner: deleted_by };
}

function useTrash(): { items: Trashed[] | null; error: string | null; reload: () => void } {
  const [state, setState] = useState<{ items: Trashed[] | null; error: string | null }>({ items: null, error: null });
  const reload = useCallback(() => {
    api.trash().then(
      items => setState({ items, error: null }),
      (cause: unknown) => setState({ items: null, error: inWords(cause) }),
    );
  }, []);
  useEffect(reload, [reload]);
  useTouched(useDelayed(reload, RELOAD_DELAY));
  return { ...state, reload };
}

interface Does {
  restore(nodes: readonly Node[]): Promise<void>;
  purge(nodes: readonly Node[]): Promise<void>;
  empty(all: number): Promise<void>;
}

/** Does it, says what came of it, and brings the list up to date. */
function useDoes(reload: () => void): Does {
  const { bus } = useSite();
  const { go } = useRouter();
  const say = useToasts();
  const openDialog = useDialogs();
  const sure = (title: string): Promise<boolean | undefined> =>
    openDialog<boolean>(close => (
      <ConfirmDialog title={title} action={t('Delete for ever')} danger onAnswer={close}>
        <p>{t('This cannot be undone, for you or for anybody else.')}</p>
      </ConfirmDialog>
    ));
  const told = (failed: readonly Failed[]): void => {
    if (failed.length) say({ text: tn('{n} item could not be changed. {message}', '{n} items could not be changed. {message}', failed.length, { message: failed[0].error.message }), problem: true });
  };
  const settle = (run: Promise<void>): Promise<void> => run.catch(say.problem).finally(reload);
  return {
    restore: nodes =>
      settle(
        api.restore(nodes.map(node => node.id)).then(({ done, failed }) => {
          told(failed);
          if (!done.length) return;
          bus.tell(done.map(node => node.path));
          const folder = parent(done[0].path);
          const text = done.length === 1
            ? t('Restored “{name}” to {folder}.', { name: basename(done[0].path), folder: placeWords(folder) })
            : tn('Restored {n} item.', 'Restored {n} items.', done.length);
          say({ text, action: { label: t('Show'), run: () => go(folderRoute(folder)) } });
        }),
      ),
    purge: async nodes => {
      const [{ name }] = nodes;
      if (await sure(nodes.length === 1 ? t('Delete “{name}” for ever?', { name }) : purgeQuestion(nodes.length))) await settle(api.deleteForEver(nodes.map(node => node.id)).then(({ failed }) => told(failed)));
    },
    empty: async all => {
      if (await sure(purgeQuestion(all))) await settle(emptied().then(told));
    },
  };
}

/** One's own trash in one go; then what was deleted in classes, as far as one may. */
async function emptied(): Promise<Failed[]> {
  await api.emptyTrash();
  return (await api.deleteForEver((await api.trash()).map(item => item.id))).failed;
}

const purgeQuestion = (n: number): string => tn('Delete {n} item for ever?', 'Delete {n} items for ever?', n);

function Chosen({ chosen, does, onClear }: { chosen: readonly Node[]; does: Does; onClear: () => void }): JSX.Element {
  return (
    <div className="chosen-tools">
      <IconButton icon="close" label={t('Select nothing')} onClick={onClear} />
      <span className="chosen-count" role="status">{tn('{n} selected', '{n} selected', chosen.length)}</span>
      <Button look="quiet" icon="refresh" aria-label={t('Restore')} title={t('Restore')} onClick={() => void does.restore(chosen)}>{t('Restore')}</Button>
      <Button look="quiet" icon="trash" aria-label={t('Delete for ever')} title={t('Delete for ever')} onClick={() => void does.purge(chosen)}>{t('Delete for ever')}</Button>
    </div>
  );
}
