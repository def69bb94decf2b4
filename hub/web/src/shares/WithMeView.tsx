import type { Share } from '@cygnet/sharing';
import { t } from '@cygnet/texts';
import { Link, useRouter } from '../app/router';
import { fileRoute, folderRoute, type Route } from '../app/routes';
import { ago } from '../lib/format';
import { ROOT } from '../lib/paths';
import { Button } from '../ui/Button';
import { Empty, Loading } from '../ui/states';
import { ShareCard } from './ShareCard';
import { useAnswers } from './useAnswers';
import { useShares } from './useShares';

export function WithMeView(): JSX.Element {
  const { shares, error, reload } = useShares('with-me');
  const pending = shares?.filter(share => share.state === 'pending') ?? [];
  const accepted = shares?.filter(share => share.state === 'accepted') ?? [];
  const declined = shares?.filter(share => share.state === 'declined') ?? [];
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{t('Shared with me')}</h1></div>
      {error && <Empty icon="warning" title={t('This list cannot be shown')}><p>{error}</p><Button icon="refresh" onClick={reload}>{t('Try again')}</Button></Empty>}
      {!shares && !error && <Loading />}
      {shares?.length === 0 && (
        <Empty icon="shared" title={t('Nothing has been shared with you yet')}>
          {t('When a colleague shares a file or a folder with you, it appears here, and you decide whether to take it.')}
        </Empty>
      )}
      <Group title={t('New')} shares={pending} reload={reload} />
      <Group title={pending.length || declined.length ? t('Accepted') : ''} shares={accepted} reload={reload} />
      <Group title={t('Declined')} shares={declined} reload={reload} />
    </div>
  );
}

function Group({ title, shares, reload }: { title: string; shares: Share[]; reload: () => void }): JSX.Element | null {
  if (!shares.length) return null;
  return (
    <section className="cards">
      {title && <h2>{title}</h2>}
      <ul>{shares.map(share => <Received key={share.id} share={share} reload={reload} />)}</ul>
    </section>
  );
}

function Received({ share, reload }: { share: Share; reload: () => void }): JSX.Element {
  const { go } = useRouter();
  const does = useAnswers(share, reload);
  const may = share.role === 'editor' ? 'can edit' : 'can view';
  const words = `${share.owner.display_name} · ${share.kind === 'group' ? `with ${share.grantee?.display_name ?? 'a group'} · ` : ''}${may} · ${ago(share.created)}`;
  const accepted = share.state === 'accepted';
  const place = placeOf(share);
  return (
    <ShareCard share={share} name={<Link to={place}>{share.name}</Link>} words={words}>
      {!accepted && <Button look="primary" icon="check" onClick={does.accept}>{t('Accept')}</Button>}
      <Button onClick={() => go(place)}>{t('Look')}</Button>
      <Button icon="copy" onClick={does.copy}>{t('Copy to my files')}</Button>
      {share.state !== 'declined' && <Button look="quiet" onClick={does.decline}>{accepted ? t('Remove') : t('Decline')}</Button>}
    </ShareCard>
  );
}

/** Where it is looked at: among one's own files once it was accepted, by itself until then. */
function placeOf({ id, item, path, state }: Share): Route {
  if (state !== 'accepted' || path === null) return { view: 'share', id, path: ROOT, file: null };
  return item === 'folder' ? folderRoute(path) : fileRoute(path);
}
