import { useCallback, useEffect, useMemo, useState } from 'react';
import { t } from '@cygnet/texts';
import { publicFiles, publicItem, type FileSource } from '../api/files';
import { ApiError, inWords } from '../api/http';
import type { Node, PublicItem } from '../api/types';
import { useTheme } from '../app/theme';
import { ReadOnlyFile, ReadOnlyFolder } from '../files/ReadOnly';
import { IconButton } from '../ui/Button';
import { Mark } from '../ui/Mark';
import { Empty, Loading } from '../ui/states';
import { PasswordForm } from './PasswordForm';

interface Props {
  token: string;
  path: string;
  file: string | null;
}

type State = { item: PublicItem } | { error: ApiError | Error } | null;

/** What somebody without an account sees who was given a link. */
export function PublicPage({ token, path, file }: Props): JSX.Element {
  const source = useMemo(() => publicFiles(token), [token]);
  const [state, load] = usePublicItem(token);
  return (
    <div className="public">
      <PublicHead item={state && 'item' in state ? state.item : null} />
      <main className="public-main" tabIndex={-1}>
        {!state && <Loading />}
        {state && 'error' in state && <Problem error={state.error} />}
        {state && 'item' in state && <Item token={token} item={state.item} source={source} path={path} file={file} onUnlocked={load} />}
      </main>
    </div>
  );
}

function usePublicItem(token: string): [State, () => void] {
  const [state, setState] = useState<State>(null);
  const load = useCallback(() => {
    publicItem(token).then(
      item => setState({ item }),
      (error: Error) => setState({ error }),
    );
  }, [token]);
  useEffect(load, [load]);
  return [state, load];
}

function PublicHead({ item }: { item: PublicItem | null }): JSX.Element {
  const [theme, toggle] = useTheme();
  return (
    <header className="public-head">
      <span className="brand"><Mark /><b>Cygnet</b></span>
      {item && !item.needs_password && <span className="public-owner">{t('Shared by {name}', { name: item.owner.display_name })}</span>}
      <span className="spring" />
      <IconButton icon={theme === 'dark' ? 'sun' : 'moon'} label={theme === 'dark' ? t('Light colours') : t('Dark colours')} onClick={toggle} />
    </header>
  );
}

/** Expired, taken back and mistyped links look alike to the service; here they are told in words. */
function Problem({ error }: { error: Error }): JSX.Element {
  const gone = error instanceof ApiError && (error.status === 404 || error.status === 410);
  if (!gone) return <Empty icon="warning" title={t('This link cannot be opened now')}><p>{inWords(error)}</p></Empty>;
  return (
    <Empty icon="link" title={t('This link does not work any more')}>
      <p>{t('It has expired, was taken back, or was not copied whole. Ask the person who sent it to you for a new one.')}</p>
    </Empty>
  );
}

interface ItemProps extends Props {
  item: PublicItem;
  source: FileSource;
  onUnlocked: () => void;
}

function Item({ item, onUnlocked, ...rest }: ItemProps): JSX.Element {
  if (item.needs_password) return <PasswordForm token={rest.token} onUnlocked={onUnlocked} />;
  const { token, source, path, file } = rest;
  if (item.item === 'file') return <ReadOnlyFile node={{ ...(item.node ?? blank(item)), path: '/' }} source={source} />;
  return <ReadOnlyFolder name={item.name} source={source} path={path} file={file} routeAt={(to, name) => ({ view: 'public', token, path: to, file: name })} />;
}

function blank({ name, item, mime, size, owner }: PublicItem): Node {
  return { id: '', name, path: '/', kind: item, size, mime, owner, mtime: 0, etag: '', permissions: 'G', share_types: [] };
}
