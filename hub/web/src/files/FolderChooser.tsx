import { useState } from 'react';
import { t } from '@cygnet/texts';
import { files } from '../api/files';
import type { Node } from '../api/types';
import { mayAdd } from '../lib/permissions';
import { parent, ROOT, within } from '../lib/paths';
import { sorted } from '../lib/sort';
import { Button } from '../ui/Button';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { FileIcon } from '../ui/FileIcon';
import { Loading } from '../ui/states';
import { Crumbs } from './Crumbs';
import { NewFolderDialog } from './NewFolderDialog';
import { useListing } from './useListing';

interface Props {
  title: string;
  /** what the button says, for example "Move here" */
  action: string;
  start: string;
  /** folders that cannot be chosen, nor anything in them */
  except?: readonly string[];
  /** a folder that would change nothing */
  pointless?: string;
  onChoose: (folder?: string) => void;
}

/** Walks the folders of the tree to one that something is put into. */
export function FolderChooser({ title, action, start, except = [], pointless, onChoose }: Props): JSX.Element {
  const [path, setPath] = useState(start);
  const { listing, error, reload } = useListing(files, path);
  const openDialog = useDialogs();
  const folders = sorted((listing?.children ?? []).filter(node => node.kind === 'folder'), { by: 'name', descending: false });
  const forbidden = (folder: string): boolean => except.some(one => within(folder, one));
  const writable = listing !== null && mayAdd(listing.node);
  const newFolder = async (): Promise<void> => {
    const made = await openDialog<Node>(close => <NewFolderDialog folder={path} onDone={close} />);
    if (made) setPath(made.path);
    else reload();
  };
  return (
    <Dialog title={title} onClose={() => onChoose()}>
      <Crumbs path={path} onGo={setPath} />
      <div className="chooser" aria-busy={!listing && !error}>
        {error && <p className="field-problem" role="alert">{error} {path !== ROOT && <button type="button" className="link" onClick={() => setPath(parent(path))}>{t('Go up')}</button>}</p>}
        {!listing && !error && <Loading />}
        {listing && !folders.length && <p className="quiet">{t('No folders in here.')}</p>}
        <ul>
          {folders.map(node => (
            <li key={node.path}>
              <button type="button" disabled={forbidden(node.path)} onClick={() => setPath(node.path)}>
                <FileIcon node={node} size={24} />
                {node.name}
              </button>
            </li>
          ))}
        </ul>
      </div>
      {listing && !writable && <p className="quiet">{t('You cannot add anything to this folder.')}</p>}
      <DialogActions>
        <Button icon="folder" look="quiet" disabled={!writable} onClick={() => void newFolder()}>{t('New folder')}</Button>
        <span className="spring" />
        <Button look="quiet" onClick={() => onChoose()}>{t('Cancel')}</Button>
        <Button look="primary" data-first disabled={!writable || forbidden(path) || path === pointless} onClick={() => onChoose(path)}>{action}</Button>
      </DialogActions>
    </Dialog>
  );
}
