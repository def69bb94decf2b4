import { useSyncExternalStore } from 'react';
import { t, tn } from '@cygnet/texts';
import { Link } from '../app/router';
import { useSite } from '../app/site';
import { Icon } from '../ui/Icon';

const MOST = 99;

/** The way to the inbox, with the number of unread entries. */
export function Bell(): JSX.Element {
  const { inbox } = useSite();
  const { unread } = useSyncExternalStore(inbox.subscribe, inbox.snapshot);
  const words = unread ? tn('Inbox: {n} unread', 'Inbox: {n} unread', unread) : t('Inbox');
  return (
    <Link to={{ view: 'inbox' }} className="icon-button bell" aria-label={words} title={words}>
      <Icon name="bell" />
      {unread > 0 && <span className="bell-count" aria-hidden="true">{unread > MOST ? `${MOST}+` : unread}</span>}
    </Link>
  );
}
