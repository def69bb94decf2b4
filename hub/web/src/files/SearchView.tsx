import { useEffect, useState } from 'react';
import { t, tn } from '@cygnet/texts';
import { files, search } from '../api/files';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { useRouter } from '../app/router';
import { fileRoute, folderRoute, format } from '../app/routes';
import { useHidden, useSite, useTouched } from '../app/site';
import { parent } from '../lib/paths';
import { mayDelete } from '../lib/permissions';
import { NOTHING } from '../lib/selection';
import { Empty, Loading } from '../ui/states';
import { NodeList } from './list/NodeList';
import { menuOf } from './menuOf';
import { useActions } from './useActions';

interface Found {
  query: string;
  nodes: Node[] | null;
  error: string | null;
}

/** Files and folders whose name holds what was typed. */
export function SearchView({ query }: { query: string }): JSX.Element {
  const { me } = useSite();
  const { go } = useRouter();
  const actions = useActions();
  const hidden = useHidden();
  const [selection, setSelection] = useState(NOTHING);
  const [found, again] = useSearch(query);
  useTouched(again);
  const nodes = (found.nodes ?? []).filter(node => !hidden(node.path));
  const chosen = nodes.filter(node => selection.chosen.has(node.path));
  const open = (node: Node): void => go(node.kind === 'folder' ? folderRoute(node.path) : fileRoute(node.path));
  return (
    <div className="view">
      <div className="view-head">
        <h1 role="status">{found.nodes ? tn('{n} result for “{query}”', '{n} results for “{query}”', nodes.length, { query }) : t('Searching “{query}”', { query })}</h1>
      </div>
      {found.error && <Empty icon="warning" title={t('The search did not work')}>{found.error}</Empty>}
      {!found.error && !found.nodes && <Loading />}
      {found.nodes && !nodes.length && <Empty icon="search" title={t('Nothing found')}>{t('Try a shorter word, or a part of the name.')}</Empty>}
      {nodes.length > 0 && (
        <NodeList
          label={t('Results for {query}', { query })}
          nodes={nodes}
          look="table"
          placeOf={node => t('in {folder}', { folder: parent(node.path) })}
          selection={selection}
          onSelection={setSelection}
          onOpen={open}
          hrefOf={node => format(node.kind === 'folder' ? folderRoute(node.path) : fileRoute(node.path))}
          menuOf={node => menuOf(node, { me, actions, chosen: selection.chosen.has(node.path) ? chosen : [node], open, rename: open })
            .filter(item => item.label !== 'Rename')}
          thumbnailOf={node => files.contentUrl(node.path)}
          onShare={actions.share}
          onKey={event => event.key === 'Delete' && actions.remove(chosen.filter(mayDelete))}
        />
      )}
    </div>
  );
}

function useSearch(query: string): [Found, () => void] {
  const [found, setFound] = useState<Found>({ query, nodes: null, error: null });
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    search(query, abort.signal).then(
      ({ nodes }) => setFound({ query, nodes, error: null }),
      (cause: unknown) => abort.signal.aborted || setFound({ query, nodes: null, error: inWords(cause) }),
    );
    return () => abort.abort();
  }, [query, times]);
  const current = found.query === query ? found : { query, nodes: null, error: null };
  return [current, () => setTimes(times + 1)];
}
