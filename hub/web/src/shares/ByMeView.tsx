import type { Share } from '@cygnet/sharing';
import { mark, t } from '@cygnet/texts';
import { Link } from '../app/router';
import { fileRoute, folderRoute } from '../app/routes';
import { useSite } from '../app/site';
import { useActions } from '../files/useActions';
import { ago, date } from '../lib/format';
import { Button } from '../ui/Button';
import { CopyButton } from '../ui/CopyButton';
import { Empty, Loading } from '../ui/states';
import { useToasts } from '../ui/toasts';
import { ShareCard } from './ShareCard';
import { useShares } from './useShares';

const WORDS = {
  'by-me': {
    title: mark('Shared by me'),
    empty: mark('You have not shared anything yet'),
    hint: mark('Choose a file or folder, press Share and pick people or a group. Whatever you share is listed here.'),
  },
  links: {
    title: mark('Links'),
    empty: mark('No links yet'),
    hint: mark('A link lets somebody without an account look at a file or folder. Make one in the Share dialog.'),
  },
};

/** What this person gave to others: to people and groups, or by link. */
export function ByMeView({ view }: { view: 'by-me' | 'links' }): JSX.Element {
  const { shares, error, reload } = useShares(view);
  const [title, empty, hint] = [t(WORDS[view].title), t(WORDS[view].empty), t(WORDS[view].hint)];
  const mine = shares?.filter(share => (view === 'links') === (share.kind === 'link'));
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{title}</h1></div>
      {error && <Empty icon="warning" title={t('This list cannot be shown')}><p>{error}</p><Button icon="refresh" onClick={reload}>{t('Try again')}</Button></Empty>}
      {!shares && !error && <Loading />}
      {mine?.length === 0 && <Empty icon={view === 'links' ? 'link' : 'share'} title={empty}>{hint}</Empty>}
      {mine && mine.length > 0 && (
        <section className="cards">
          <ul>{mine.map(share => <Given key={share.id} share={share} reload={reload} />)}</ul>
        </section>
      )}
    </div>
  );
}

function Given({ share, reload }: { share: Share; reload: () => void }): JSX.Element {
  const { sharing, bus } = useSite();
  const actions = useActions();
  const say = useToasts();
  const { path } = share;
  const revoke = (): void =>
    void sharing.remove(share.id).then(() => {
      say({ text: share.kind === 'link' ? t('The link no longer works.') : t('{who} no longer has access to “{name}”.', { who: share.grantee?.display_name ?? '', name: share.name }) });
      bus.tell(path ? [path] : null);
    }, say.problem).finally(reload);
  const name = path ? <Link to={share.item === 'folder' ? folderRoute(path) : fileRoute(path)}>{share.name}</Link> : share.name;
  return (
    <ShareCard share={share} name={name} words={share.kind === 'link' ? linkWords(share) : personWords(share)}>
      {share.url && <CopyButton text={share.url} label={t('Copy link')} />}
      {path && <Button onClick={() => actions.share({ path, name: share.name, kind: share.item })}>{t('Change')}</Button>}
      <Button look="quiet" onClick={revoke}>{share.kind === 'link' ? t('Delete link') : t('Stop sharing')}</Button>
    </ShareCard>
  );
}

function linkWords(share: Share): string {
  const parts = [roleWords(share)];
  if (share.has_password) parts.push(t('with password'));
  const end = share.expires ? t('until {date}', { date: date(Date.parse(share.expires) / 1000) }) : t('never expires');
  parts.push(end, t('made {ago}', { ago: ago(share.created) }));
  return parts.join(' · ');
}

const roleWords = (share: Share): string => (share.role === 'editor' ? t('can edit') : t('can view'));

const STATE = { accepted: mark('accepted'), pending: mark('not answered yet'), declined: mark('declined') };

function personWords(share: Share): string {
  return [share.grantee?.display_name ?? '', roleWords(share), t(STATE[share.state]), ago(share.created)].join(' · ');
}
