import { useMemo, useState } from 'react';
import { t } from '@cygnet/texts';
import type { FileSource } from '../api/files';
import type { Node } from '../api/types';
import { useRouter } from '../app/router';
import { format, type Route } from '../app/routes';
import { download } from '../lib/download';
import { size } from '../lib/format';
import { NOTHING } from '../lib/selection';
import { sorted, type Order } from '../lib/sort';
import { Preview, PreviewOf } from '../preview/Preview';
import { Button } from '../ui/Button';
import { FileIcon } from '../ui/FileIcon';
import { Empty, Loading } from '../ui/states';
import { Crumbs } from './Crumbs';
import { NodeList } from './list/NodeList';
import { useListing } from './useListing';

interface FileProps {
  node: Node;
  source: FileSource;
}

/** One file that somebody shows: its preview, and a way to take it. */
export function ReadOnlyFile({ node, source }: FileProps): JSX.Element {
  return (
    <div className="view">
      <div className="view-head public-title">
        <FileIcon node={node} size={40} />
        <div>
          <h1>{node.name}</h1>
          <small>{size(node.size)}</small>
        </div>
        <span className="spring" />
        <Button look="primary" icon="download" onClick={() => download(source.contentUrl('/', true))}>{t('Download')}</Button>
      </div>
      <div className="preview-body"><PreviewOf node={node} source={source} /></div>
    </div>
  );
}

interface FolderProps {
  name: string;
  source: FileSource;
  path: string;
  file: string | null;
  routeAt: (path: string, file: string | null) => Route;
}

/** A folder that somebody shows: to walk through, look at and take. */
export function ReadOnlyFolder({ name, source, path, file, routeAt }: FolderProps): JSX.Element {
  const { go } = useRouter();
  const { listing, error } = useListing(source, path);
  const [order, setOrder] = useState<Order>({ by: 'name', descending: false });
  const [selection, setSelection] = useState(NOTHING);
  const nodes = useMemo(() => sorted(listing?.children ?? [], order), [listing, order]);
  const routeTo = (node: Node): Route => (node.kind === 'folder' ? routeAt(node.path, null) : routeAt(path, node.name));
  const chosen = nodes.filter(node => selection.chosen.has(node.path)).map(node => node.path);
  const take = (paths: string[]): void => download(source.archiveUrl(paths));
  return (
    <div className="view">
      <div className="view-head">
        <Crumbs path={path} root={name} onGo={to => go(routeAt(to, null))} routeOf={to => routeAt(to, null)} />
        <span className="spring" />
        <Button look="primary" icon="download" onClick={() => take(chosen.length ? chosen : [path])}>
          {chosen.length ? t('Download {n} selected', { n: chosen.length }) : t('Download all')}
        </Button>
      </div>
      {error && <Empty icon="warning" title={t('This folder cannot be shown')}>{error}</Empty>}
      {!listing && !error && <Loading />}
      {listing && !nodes.length && <Empty icon="folder" title={t('This folder is empty')}>{t('Nothing has been put into it yet.')}</Empty>}
      {nodes.length > 0 && (
        <NodeList
          key={path}
          label={name}
          nodes={nodes}
          look="table"
          selection={selection}
          onSelection={setSelection}
          onOpen={node => go(routeTo(node))}
          hrefOf={node => format(routeTo(node))}
          menuOf={node => [
            { label: t('Open'), icon: 'external', run: () => go(routeTo(node)) },
            {
              label: t('Download'),
              icon: 'download',
              run: () => download(node.kind === 'file' ? source.contentUrl(node.path, true) : source.archiveUrl([node.path])),
            },
          ]}
          order={order}
          onOrder={setOrder}
        />
      )}
      {file !== null && listing && (
        <Preview source={source} siblings={nodes} name={file} onName={next => go(routeAt(path, next), { replace: true })} onClose={() => go(routeAt(path, null))} />
      )}
    </div>
  );
}
