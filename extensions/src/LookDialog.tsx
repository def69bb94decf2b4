import { fileIcon, folderIcon, notebookIcon } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';
import { rich, t } from './texts';
import type { ShareActions } from './actions';
import { kindOf, type Look, type Seen, type SeenNode } from './look';
import { type Share, messageOf } from './sharing';

export interface LookDialogProps {
  readonly look: Pick<Look, 'at' | 'text' | 'contentAddress' | 'page'>;
  readonly share: Share;
  readonly actions: Pick<ShareActions, 'accept' | 'copy' | 'decline'>;
  readonly onClose: () => void;
}

/** What somebody shares, before one says yes or no to it. */
export function LookDialog({ look, share, actions, onClose }: LookDialogProps): JSX.Element {
  const [path, setPath] = useState('/');
  const { found, error } = useAsked(() => look.at(path), [look, path]);
  const and = (act: (share: Share) => Promise<void>) => () => {
    onClose();
    void act(share);
  };
  return (
    <div className="cygnet-look">
      <p>
        {rich('{name} shares this with you', { name: <b key="name">{share.owner.display_name}</b> })}{share.note && <q className="cygnet-note">{share.note}</q>}
      </p>
      <div className="cygnet-actions">
        <button type="button" className="cygnet-button cygnet-primary" onClick={and(it => actions.accept(it))}>
          {t('Accept')}
        </button>
        <button type="button" className="cygnet-button" onClick={and(it => actions.copy(it))}>
          {t('Copy to my files')}
        </button>
        {share.state === 'pending' && (
          <button type="button" className="cygnet-button" onClick={and(it => actions.decline(it))}>
            {t('Decline')}
          </button>
        )}
      </div>
      {path !== '/' && (
        <button type="button" className="cygnet-button" onClick={() => setPath(above(path))}>
          ← {path === `/${nameOf(path)}` ? share.name : nameOf(above(path))}
        </button>
      )}
      {error && <Refused words={error} />}
      {!found && !error && <p role="status">{t('Looking…')}</p>}
      {found?.children && <Folder entries={found.children} onOpen={setPath} />}
      {found && !found.children && <File key={path} look={look} seen={found} path={path} />}
    </div>
  );
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const above = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

interface Asked<T> {
  readonly found: T | null;
  readonly error: string | null;
}

/** Asks when it is first drawn and whenever what it is about is another; a late answer is dropped. */
function useAsked<T>(ask: () => Promise<T>, about: readonly unknown[]): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ found: null, error: null });
  useEffect(() => {
    let late = false;
    setAsked({ found: null, error: null });
    ask().then(
      found => late || setAsked({ found, error: null }),
      (reason: unknown) => late || setAsked({ found: null, error: messageOf(reason) })
    );
    return () => {
      late = true;
    };
  }, about);
  return asked;
}

function Refused({ words }: { readonly words: string }): JSX.Element {
  return (
    <p className="cygnet-look-error" role="alert">
      {words}
    </p>
  );
}

interface FolderProps {
  readonly entries: readonly SeenNode[];
  readonly onOpen: (path: string) => void;
}

function Folder({ entries, onOpen }: FolderProps): JSX.Element {
  if (entries.length === 0) {
    return <p>{t('This folder is empty.')}</p>;
  }
  const order = [...entries].sort((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name));
  return (
    <ul aria-label={t('In this folder')}>
      {order.map(entry => (
        <li key={entry.path}>
          <button type="button" onClick={() => onOpen(entry.path)}>
            <IconOf entry={entry} />
            {entry.name}
          </button>
        </li>
      ))}
    </ul>
  );
}

function IconOf({ entry }: { readonly entry: SeenNode }): JSX.Element {
  const icon = entry.kind === 'folder' ? folderIcon : kindOf(entry) === 'notebook' ? notebookIcon : fileIcon;
  return <icon.react tag="span" />;
}

interface FileProps {
  readonly look: LookDialogProps['look'];
  readonly seen: Seen;
  readonly path: string;
}

function File({ look, seen, path }: FileProps): JSX.Element {
  const { node } = seen;
  switch (node.size && kindOf(node)) {
    case 0:
      return <p>{t('This file is empty.')}</p>;
    case 'notebook':
      return <Notebook look={look} name={node.name} path={path} />;
    case 'image':
      return <Picture address={look.contentAddress(path)} name={node.name} />;
    case 'text':
      return <Text look={look} path={path} />;
    default:
      return <p>{t('“{name}” cannot be shown here. Accept it, or copy it to your files, and open it there.', { name: node.name })}</p>;
  }
}

type ShownProps = Pick<FileProps, 'look' | 'path'>;

/** The frame may run nothing and belongs to no origin: what a notebook carries cannot act for who looks at it. */
function Notebook({ look, path, name }: ShownProps & { readonly name: string }): JSX.Element {
  const { found, error } = useAsked(() => look.page(path), [look, path]);
  if (error) {
    return <Refused words={error} />;
  }
  return found ? <iframe sandbox="" title={t('Notebook {name}', { name })} src={found} /> : <p role="status">{t('Drawing the notebook…')}</p>;
}

function Text({ look, path }: ShownProps): JSX.Element {
  const { found, error } = useAsked(() => look.text(path), [look, path]);
  if (error) {
    return <Refused words={error} />;
  }
  return <pre tabIndex={0}>{found ?? t('Looking…')}</pre>;
}

/** As an image even an SVG runs no script. */
function Picture({ address, name }: { readonly address: string; readonly name: string }): JSX.Element {
  const [broken, setBroken] = useState(false);
  return broken ? <Refused words={t('This image cannot be shown.')} /> : <img src={address} alt={name} onError={() => setBroken(true)} />;
}
