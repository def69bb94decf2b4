import { useMemo } from 'react';
import { InboxList, type InboxHost, type Notice } from '@cygnet/inbox';
import { t } from '@cygnet/texts';
import { useRouter } from '../app/router';
import type { Route } from '../app/routes';
import { useSite } from '../app/site';
import { ROOT } from '../lib/paths';

/** Where one acts on a notice; null: on a page of the hub. */
function placeOf({ kind, share, group_id, words }: Notice): Route | null {
  switch (kind) {
    case 'share':
      return { view: 'share', id: share ?? '', path: ROOT, file: null };
    case 'invitation':
      return { view: 'classes', code: '', id: '' };
    case 'quota':
      return { view: 'deleted' };
    case 'token':
      return words === 'key' ? { view: 'devices' } : null;
    default:
      return { view: 'classes', code: '', id: group_id ?? '' };
  }
}

/** What the person should know; the list is the one that notebooks have too. */
export function InboxView(): JSX.Element {
  const { me, inbox } = useSite();
  const { go } = useRouter();
  const host = useMemo<InboxHost>(
    () => ({
      act: notice => {
        const place = placeOf(notice);
        if (place) go(place);
        else location.assign(`${me.hub_url}home`);
      },
    }),
    [go, me.hub_url],
  );
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{t('Inbox')}</h1></div>
      <div className="board"><InboxList model={inbox} host={host} /></div>
    </div>
  );
}
