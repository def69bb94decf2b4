import { t } from '../texts';
import { AccessList } from './AccessList';
import { AddPeople } from './AddPeople';
import type { SharingClient } from './client';
import { LinkList } from './LinkList';
import { keyOf } from './PeoplePicker';
import type { ShareItem } from './types';
import { useShares } from './useShares';

export interface ShareDialogProps {
  readonly client: SharingClient;
  readonly item: ShareItem;
  /** Called after each change, so that the host can bring its own lists up to date. */
  readonly onChange?: () => void;
}

/**
 * Share one file or folder: with people and groups, and by link. The content of a dialog; frame, title,
 * focus trap and Escape are the host's. Needs `sharing.css`.
 */
export function ShareDialog({ client, item, onChange }: ShareDialogProps): JSX.Element {
  const access = useShares(client, item.path, onChange);
  const shares = access.shares ?? [];
  const people = shares.filter(share => share.kind !== 'link');
  const links = shares.filter(share => share.kind === 'link');
  const taken = new Set(people.flatMap(share => (share.grantee ? [keyOf(share.grantee)] : [])));
  return (
    <div className="cyg-sharing" aria-busy={access.busy || access.shares === null}>
      {access.error && (
        <p className="cyg-error" role="alert">
          {access.error}
        </p>
      )}
      {access.error && access.shares === null ? (
        <div className="cyg-actions">
          <button type="button" className="cyg-button" autoFocus onClick={access.reload}>
            {t('Try again')}
          </button>
        </div>
      ) : (
        <>
          <AddPeople client={client} item={item} access={access} taken={taken} />
          <section>
            <h3>{t('Who has access')}</h3>
            <AccessList client={client} access={access} people={people} />
          </section>
          <section>
            <h3>{t('Links')}</h3>
            <LinkList client={client} item={item} access={access} links={links} />
          </section>
        </>
      )}
    </div>
  );
}
