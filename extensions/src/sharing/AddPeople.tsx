import { useState } from 'react';
import { t } from '../texts';
import type { SharingClient } from './client';
import { PeoplePicker } from './PeoplePicker';
import { RoleSelect } from './RoleSelect';
import type { Person, Role, ShareItem } from './types';
import type { ItemShares } from './useShares';

export interface AddPeopleProps {
  readonly client: SharingClient;
  readonly item: ShareItem;
  readonly access: ItemShares;
  readonly taken: ReadonlySet<string>;
}

/** Choose people, their role and a message, and share. */
export function AddPeople({ client, item, access, taken }: AddPeopleProps): JSX.Element {
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [role, setRole] = useState<Role>('viewer');
  const [note, setNote] = useState('');

  const share = async (): Promise<void> => {
    for (const person of chosen) {
      const request = { path: item.path, kind: person.kind, grantee: person.id, role, note: note.trim() };
      if (!(await access.run(() => client.create(request)))) {
        return; // those not yet shared with stay in the field, below what went wrong
      }
      setChosen(rest => rest.filter(other => other !== person));
    }
    setNote('');
  };

  return (
    <form
      className="cyg-add"
      onSubmit={event => {
        event.preventDefault();
        void share();
      }}
    >
      <div className="cyg-row">
        <PeoplePicker client={client} chosen={chosen} taken={taken} onChange={setChosen} />
        <RoleSelect label={t('What they may do')} value={role} onChange={setRole} />
      </div>
      {chosen.length > 0 && (
        <>
          <textarea
            className="cyg-input"
            aria-label={t('Message')}
            placeholder={t('Add a message (optional)')}
            rows={2}
            maxLength={1000}
            value={note}
            onChange={event => setNote(event.target.value)}
          />
          <div className="cyg-actions">
            <button type="submit" className="cyg-button cyg-primary" disabled={access.busy}>
              {access.busy ? t('Sharing…') : t('Share')}
            </button>
          </div>
        </>
      )}
    </form>
  );
}
