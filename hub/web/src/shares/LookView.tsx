import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Share } from '@cygnet/sharing';
import { t } from '@cygnet/texts';
import { share as askShare, sharedFiles } from '../api/files';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { Link } from '../app/router';
import { ReadOnlyFile, ReadOnlyFolder } from '../files/ReadOnly';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Empty, Loading } from '../ui/states';
import { useAnswers } from './useAnswers';

interface Props {
  id: string;
  path: string;
  file: string | null;
}

/** What somebody shared, to be looked at before one says yes or no. */
export function LookView({ id, path, file }: Props): JSX.Element {
  const source = useMemo(() => sharedFiles(id), [id]);
  const { share, node, error, reload } = useShare(id);
  if (error) {
    return (
      <Empty icon="warning" title={t('This is no longer shared with you')}>
        <p>{error}</p>
        <Link className="button primary" to={{ view: 'with-me' }}>{t('Shared with me')}</Link>
      </Empty>
    );
  }
  if (!share || !node) return <Loading />;
  return (
    <div className="view">
      <Answer share={share} reload={reload} />
      {share.item === 'file' ? (
        <ReadOnlyFile node={{ ...node, path: '/' }} source={source} />
      ) : (
        <ReadOnlyFolder name={share.name} source={source} path={path} file={file} routeAt={(to, name) => ({ view: 'share', id, path: to, file: name })} />
      )}
    </div>
  );
}

interface State {
  share: Share | null;
  node: Node | null;
  error: string | null;
}

function useShare(id: string): State & { reload: () => void } {
  const [state, setState] = useState<State>({ share: null, node: null, error: null });
  const reload = useCallback(() => {
    Promise.all([askShare(id), sharedFiles(id).list('/')]).then(
      ([share, { node }]) => setState({ share, node, error: null }),
      (cause: unknown) => setState({ share: null, node: null, error: inWords(cause) }),
    );
  }, [id]);
  useEffect(reload, [reload]);
  return { ...state, reload };
}

function Answer({ share, reload }: { share: Share; reload: () => void }): JSX.Element {
  const does = useAnswers(share, reload);
  const { state } = share;
  const words = { pending: 'wants to share this with you', accepted: 'shares this with you', declined: 'shares this; you declined it' };
  return (
    <div className="look-bar" role="region" aria-label={t('This share')}>
      <Link className="icon-button" to={{ view: 'with-me' }} aria-label={t('Back to Shared with me')}><Icon name="back" /></Link>
      <p><strong>{share.owner.display_name}</strong> {words[state]}.{share.note && <> <q>{share.note}</q></>}</p>
      {state !== 'accepted' && <Button look="primary" icon="check" onClick={does.accept}>{t('Accept')}</Button>}
      <Button icon="copy" onClick={does.copy}>{t('Copy to my files')}</Button>
      {state !== 'declined' && <Button look="quiet" onClick={does.decline}>{state === 'accepted' ? t('Remove') : t('Decline')}</Button>}
    </div>
  );
}
