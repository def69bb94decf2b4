import { useSyncExternalStore } from 'react';
import { t, tn } from '../texts';
import type { InboxModel } from './model';
import type { InboxHost, Notice, NoticeKind } from './types';
import { actionOf, ago, extra, say, Sentence } from './words';

/** Line drawings on a grid of 24. */
const CLASS = 'M12 5L2.5 9.5 12 14l9.5-4.5zM6.5 11.5V16c1.5 1.7 3.3 2.5 5.5 2.5s4-.8 5.5-2.5v-4.5';
const CLOCK = 'M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM12 7.5V12l3 2.5';
const PEOPLE = 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c0-3.5 2.9-5.5 6.5-5.5s6.5 2 6.5 5.5M18.5 6v6M15.5 9h6';
const WARNING = 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.01';
const DRAWINGS: Record<NoticeKind, string> = {
  share: PEOPLE,
  invitation: PEOPLE,
  handout: CLASS,
  update: CLASS,
  due: CLOCK,
  deadline: CLOCK,
  collected: CLASS,
  result: 'M12 20.5a8.5 8.5 0 100-17 8.5 8.5 0 000 17zM8 12.3l2.8 2.8L16 9.5',
  quota: WARNING,
  token: WARNING,
  mount: WARNING
};
const URGENT: ReadonlySet<NoticeKind> = new Set(['due', 'quota', 'token', 'mount']);

export interface InboxListProps {
  readonly model: InboxModel;
  readonly host: InboxHost;
}

/** Everything that the person should know; each entry leads to where one acts. */
export function InboxList({ model, host }: InboxListProps): JSX.Element {
  const { notices, unread, error } = useSyncExternalStore(model.subscribe, model.snapshot);
  return (
    <div className="cyg-sharing cyg-inbox" aria-busy={notices === null && !error}>
      {error && <p className="cyg-error" role="alert">{error}</p>}
      {notices !== null && notices.length > 0 && (
        <div className="cyg-row">
          <span className="cyg-grow cyg-quiet" role="status">
            {unread ? tn('{n} unread', '{n} unread', unread) : t('Everything is read.')}
          </span>
          <button type="button" className="cyg-button" disabled={!unread} onClick={() => void model.mark(null, true)}>
            {t('Mark all as read')}
          </button>
        </div>
      )}
      {notices?.length === 0 && <Nothing />}
      <ul aria-label={t('Inbox')}>
        {notices?.map(one => <Entry key={one.id} notice={one} model={model} host={host} />)}
      </ul>
    </div>
  );
}

function Nothing(): JSX.Element {
  return (
    <div className="cyg-inbox-empty">
      <Drawing path="M4 13.5l2.5-8h11l2.5 8v5.5H4zM4 13.5h4.5l1 2.5h5l1-2.5H20" />
      <h2>{t('Nothing new')}</h2>
      <p className="cyg-quiet">
        {t('When somebody shares something with you, a teacher hands out or gives back, a deadline comes near or your files run out of room, you read it here.')}
      </p>
    </div>
  );
}

interface EntryProps extends InboxListProps {
  readonly notice: Notice;
}

function Entry({ notice, model, host }: EntryProps): JSX.Element {
  const { id, kind, read } = notice;
  const action = actionOf(notice);
  const beside = extra(notice);
  const act = (): void => {
    void model.mark([id], true);
    host.act(notice);
  };
  return (
    <li className={`cyg-notice${read ? '' : ' cyg-unread'}${URGENT.has(kind) ? ' cyg-urgent' : ''}`}>
      <Drawing path={DRAWINGS[kind]} />
      <div className="cyg-grow">
        <p>
          {!read && <span className="cyg-new-word">{t('New')}</span>} <Sentence notice={notice} />
        </p>
        {beside && <p className="cyg-beside">{kind === 'share' ? <q>{beside}</q> : beside}</p>}
        <time className="cyg-quiet" dateTime={new Date(notice.created * 1000).toISOString()}>{ago(notice.created)}</time>
      </div>
      <div className="cyg-notice-actions">
        {action && (
          <button type="button" className={read ? 'cyg-button' : 'cyg-button cyg-primary'} aria-label={`${action}: ${say(notice)}`} onClick={act}>
            {action}
          </button>
        )}
        <button
          type="button"
          className="cyg-dot"
          aria-label={read ? t('Mark as unread: {what}', { what: say(notice) }) : t('Mark as read: {what}', { what: say(notice) })}
          title={read ? t('Mark as unread') : t('Mark as read')}
          onClick={() => void model.mark([id], !read)}
        />
      </div>
    </li>
  );
}

function Drawing({ path }: { readonly path: string }): JSX.Element {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
