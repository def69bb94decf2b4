import { useCallback, useEffect, useMemo, useState } from 'react';
import * as api from '../api/history';
import type { Failed, Trashed } from '../api/history';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { useRouter } from '../app/router';
import { folderRoute } from '../app/routes';
import { useDelayed, useSite, useTouched } from '../app/site';
import { NodeList } from '../files/list/NodeList';
import { count } from '../lib/format';
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
        <h1>Deleted files</h1>
        <div className="toolbar" role="toolbar" aria-label="Deleted files">
          {chosen.length > 0 ? (
            <Chosen chosen={chosen} does={does} onClear={() => setSelection(NOTHING)} />
          ) : (
            nodes.length > 0 && <Button icon="trash" onClick={() => void does.empty(nodes.length)}>Delete all for ever</Button>
          )}
        </div>
      </div>
      {error && <Empty icon="warning" title="This list cannot be shown"><p>{error}</p><Button icon="refresh" onClick={reload}>Try again</Button></Empty>}
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty icon="trash" title="Nothing was deleted">What you delete comes here first, and can be put back to where it was.</Empty>
      )}
      {nodes.length > 0 && (
        <NodeList
          label="Deleted files"
          nodes={nodes}
          look="table"
          timeWords="Deleted"
          placeOf={node => `was in ${placeWords(places.get(node.path) ?? ROOT)}`}
          selection={selection}
          onSelection={setSelection}
          onOpen={node => void does.restore([node])}
          menuOf={node => {
            const meant = selection.chosen.has(node.path) ? chosen : [node];
            return [
              { label: 'Restore', icon: 'refresh', run: () => void does.restore(meant) },
              { label: 'Delete for ever', icon: 'trash', run: () => void does.purge(meant), danger: true, keys: 'Del' },
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

const placeWords = (folder: string): string => (folder === ROOT ? 'All files' : folder);
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
      <ConfirmDialog title={title} action="Delete for ever" danger onAnswer={close}>
        <p>This cannot be undone, for you or for anybody else.</p>
      </ConfirmDialog>
    ));
  const told = (failed: readonly Failed[]): void => {
    if (failed.length) say({ text: `${count(failed.length, 'item')} could not be changed. ${failed[0].error.message}`, problem: true });
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
          const what = done.length === 1 ? `“${basename(done[0].path)}” to ${placeWords(folder)}` : count(done.length, 'item');
          say({ text: `Restored ${what}.`, action: { label: 'Show', run: () => go(folderRoute(folder)) } });
        }),
      ),
    purge: async nodes => {
      const what = nodes.length === 1 ? `“${nodes[0].name}”` : count(nodes.length, 'item');
      if (await sure(`Delete ${what} for ever?`)) await settle(api.deleteForEver(nodes.map(node => node.id)).then(({ failed }) => told(failed)));
    },
    empty: async all => {
      if (await sure(`Delete ${count(all, 'item')} for ever?`)) await settle(api.emptyTrash());
    },
  };
}

function Chosen({ chosen, does, onClear }: { chosen: readonly Node[]; does: Does; onClear: () => void }): JSX.Element {
  return (
    <div className="chosen-tools">
      <IconButton icon="close" label="Select nothing" onClick={onClear} />
      <span className="chosen-count" role="status">{count(chosen.length, 'selected', 'selected')}</span>
      <Button look="quiet" icon="refresh" aria-label="Restore" title="Restore" onClick={() => void does.restore(chosen)}>Restore</Button>
      <Button look="quiet" icon="trash" aria-label="Delete for ever" title="Delete for ever" onClick={() => void does.purge(chosen)}>Delete for ever</Button>
    </div>
  );
}
