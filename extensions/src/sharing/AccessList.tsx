import { useState } from 'react';
import { mark, t } from '../texts';
import { Avatar } from './Avatar';
import type { SharingClient } from './client';
import { RoleSelect } from './RoleSelect';
import type { Share, ShareState } from './types';
import type { ItemShares } from './useShares';

const STATES: Readonly<Record<ShareState, string>> = {
  accepted: '',
  pending: mark('Not accepted yet'),
  declined: mark('Declined')
};

export interface AccessListProps {
  readonly client: SharingClient;
  readonly access: ItemShares;
  readonly people: readonly Share[];
}

/** Who has access, with what role, and how to change that. */
export function AccessList({ client, access, people }: AccessListProps): JSX.Element {
  if (access.shares === null) {
    return <p className="cyg-quiet">{t('Looking up who has access…')}</p>;
  }
  if (people.length === 0) {
    return <p className="cyg-quiet">{t('Only you. Add somebody above.')}</p>;
  }
  return (
    <ul className="cyg-access" aria-label={t('Who has access')}>
      {people.map(share => (
        <AccessRow key={share.id} client={client} access={access} share={share} />
      ))}
    </ul>
  );
}

interface AccessRowProps {
  readonly client: SharingClient;
  readonly access: ItemShares;
  readonly share: Share;
}

function AccessRow({ client, access, share }: AccessRowProps): JSX.Element {
  const [asking, setAsking] = useState(false);
  const name = share.grantee?.display_name ?? share.name;
  const about = [share.kind === 'group' ? t('Group') : share.grantee?.id, t(STATES[share.state])].filter(Boolean).join(' · ');
  return (
    <li>
      <Avatar name={name} kind={share.kind} />
      <span className="cyg-who">
        <span className="cyg-name">{name}</span>
        <span className="cyg-quiet">{about}</span>
      </span>
      {asking ? (
        <>
          <span className="cyg-quiet">{t('Take access away?')}</span>
          <button
            type="button"
            className="cyg-button cyg-danger"
            autoFocus
            disabled={access.busy}
            onClick={() => void access.run(() => client.remove(share.id))}
          >
            {t('Remove')}
          </button>
          <button type="button" className="cyg-button" onClick={() => setAsking(false)}>
            {t('Keep')}
          </button>
        </>
      ) : (
        <>
          <RoleSelect
            label={t('What {name} may do', { name })}
            value={share.role}
            disabled={access.busy}
            onChange={role => void access.run(() => client.update(share.id, { role }))}
          />
          <button
            type="button"
            className="cyg-button cyg-plain"
            aria-label={t('Remove access of {name}', { name })}
            title={t('Remove access')}
            onClick={() => setAsking(true)}
          >
            ×
          </button>
        </>
      )}
    </li>
  );
}
