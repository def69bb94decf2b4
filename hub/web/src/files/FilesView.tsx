import { useEffect, useMemo, useRef, useState } from 'react';
import { t } from '@cygnet/texts';
import { files } from '../api/files';
import type { Node } from '../api/types';
import { concerns } from '../app/bus';
import { useRouter } from '../app/router';
import { fileRoute, folderRoute, format } from '../app/routes';
import { useDelayed, useHidden, useSite, useTouched } from '../app/site';
import { useStored } from '../app/stored';
import { basename, parent, ROOT } from '../lib/paths';
import { mayAdd, mayDelete, mayRename } from '../lib/permissions';
import { keep, NOTHING, only } from '../lib/selection';
import { sorted, type Order } from '../lib/sort';
import { Preview } from '../preview/Preview';
import { Button } from '../ui/Button';
import { Empty, Loading } from '../ui/states';
import { Crumbs } from './Crumbs';
import { DropZone } from './DropZone';
import { NodeList } from './list/NodeList';
import { isLook } from './list/look';
import type { Look } from './list/types';
import { menuOf } from './menuOf';
import { Toolbar } from './Toolbar';
import { useActions } from './useActions';
import { useListing } from './useListing';

const RELOAD_DELAY = 250; // many changes at once ask for one new listing
const BY_NAME: Order = { by: 'name', descending: false };

/** One folder of the person's tree, and the preview of a file in it. */
export function FilesView({ path, file }: { path: string; file: string | null }): JSX.Element {
  const { me } = useSite();
  const { go } = useRouter();
  const actions = useActions();
  const { listing, error, reload } = useListing(files, path);
  const hidden = useHidden();
  const [order, setOrder] = useState(BY_NAME);
  const [look, setLook] = useStored<Look>('look', 'table', isLook);
  const [selection, setSelection] = useState(NOTHING);
  const [renaming, setRenaming] = useState<string | null>(null);

  const reloadSoon = useDelayed(reload, RELOAD_DELAY);
  useTouched(touched => concerns(touched, path) && reloadSoon());
  const before = useRef(path);
  useEffect(() => {
    // On the way up the keyboard is on the folder that one comes from.
    const active = before.current !== path && parent(before.current) === path ? before.current : null;
    setSelection({ ...NOTHING, active });
    before.current = path;
  }, [path]);

  const children = listing?.children;
  const nodes = useMemo(() => sorted((children ?? []).filter(node => !hidden(node.path)), order), [children, hidden, order]);
  useEffect(() => {
    if (children) setSelection(now => keep(now, nodes.map(node => node.path)));
  }, [children, nodes]);
  const chosen = nodes.filter(node => selection.chosen.has(node.path));

  const open = (node: Node): void => go(node.kind === 'folder' ? folderRoute(node.path) : fileRoute(node.path));
  const rename = (node: Node): void => setRenaming(node.path);
  const removeChosen = (): void => actions.remove(chosen.filter(mayDelete));
  const newFolder = async (): Promise<void> => {
    const made = await actions.newFolder(path);
    if (made) setSelection(only(made.path));
  };
  const renamed = async (node: Node, name: string | null): Promise<void> => {
    setRenaming(null);
    const now = name === null ? undefined : await actions.rename(node, name);
    if (now) setSelection(only(now.path));
    document.querySelector<HTMLElement>('[role=grid]')?.focus();
  };
  const onKey = (event: React.KeyboardEvent): void => {
    const active = nodes.find(node => node.path === selection.active);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'F2' && active && mayRename(active)) rename(active);
    else if (event.key === 'Delete') removeChosen();
    else if (event.key === 'Backspace' && path !== ROOT) go(folderRoute(parent(path)));
  };
  useAddKeys(listing?.node, () => void newFolder(), () => actions.pickFiles(path, 'files'));

  if (error) return <Missing path={path} error={error} reload={reload} />;
  const folder = listing?.node;
  return (
    <DropZone folder={folder} onFiles={picked => actions.upload(picked, path)}>
      <div className="view-head">
        <Crumbs path={path} onGo={to => go(folderRoute(to))} />
        <Toolbar
          folder={folder}
          chosen={chosen}
          look={look}
          onLook={setLook}
          actions={actions}
          onNewFolder={() => void newFolder()}
          onClear={() => setSelection(NOTHING)}
        />
      </div>
      {!listing && <Loading />}
      {listing && !nodes.length && <EmptyFolder folder={listing.node} onUpload={() => actions.pickFiles(path, 'files')} onNewFolder={() => void newFolder()} />}
      {listing && nodes.length > 0 && (
        <NodeList
          key={path}
          label={path === ROOT ? t('All files') : basename(path)}
          nodes={nodes}
          look={look}
          selection={selection}
          onSelection={setSelection}
          onOpen={open}
          hrefOf={node => format(node.kind === 'folder' ? folderRoute(node.path) : fileRoute(node.path))}
          menuOf={node => menuOf(node, { me, actions, chosen: selection.chosen.has(node.path) ? chosen : [node], open, rename })}
          thumbnailOf={node => files.contentUrl(node.path)}
          order={order}
          onOrder={setOrder}
          renaming={renaming}
          onRename={(node, name) => void renamed(node, name)}
          onKey={onKey}
          onShare={actions.share}
          onDrop={(target, paths) => void actions.moveInto(target.path, paths)}
        />
      )}
      {file !== null && listing && (
        <Preview
          source={files}
          siblings={nodes}
          name={file}
          onName={name => go({ view: 'files', path, file: name }, { replace: true })}
          onClose={() => go(folderRoute(path))}
          owned={{ me, actions }}
        />
      )}
    </DropZone>
  );
}

/** N and U work wherever nothing is being typed. */
function useAddKeys(folder: Node | undefined, newFolder: () => void, upload: () => void): void {
  const latest = useRef({ folder, newFolder, upload });
  latest.current = { folder, newFolder, upload };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const now = latest.current;
      const typing = (event.target as Element).closest('input,textarea,select,[role=menu],dialog');
      if (typing || event.ctrlKey || event.metaKey || event.altKey || !now.folder || !mayAdd(now.folder)) return;
      if (event.key === 'n') now.newFolder();
      else if (event.key === 'u') now.upload();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function EmptyFolder({ folder, onUpload, onNewFolder }: { folder: Node; onUpload: () => void; onNewFolder: () => void }): JSX.Element {
  if (!mayAdd(folder)) return <Empty icon="folder" title={t('Nothing in here yet')}>{t('Its owner can put files into this folder; you can look at them.')}</Empty>;
  return (
    <Empty icon="folder" title={folder.path === ROOT ? t('Your files live here') : t('This folder is empty')}>
      <p>{t('Drop files or folders anywhere on this page, or begin with one of these.')}</p>
      <Button look="primary" icon="upload" onClick={onUpload}>{t('Upload files')}</Button>
      <Button icon="folder" onClick={onNewFolder}>{t('New folder')}</Button>
    </Empty>
  );
}

function Missing({ path, error, reload }: { path: string; error: string; reload: () => void }): JSX.Element {
  const { go } = useRouter();
  return (
    <Empty icon="warning" title={t('This folder cannot be shown')}>
      <p>{error}</p>
      <Button icon="refresh" onClick={reload}>{t('Try again')}</Button>
      {path !== ROOT && <Button look="primary" onClick={() => go(folderRoute(ROOT))}>{t('All files')}</Button>}
    </Empty>
  );
}
