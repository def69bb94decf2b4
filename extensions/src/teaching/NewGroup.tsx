import { useState } from 'react';
import { mark, t } from '../texts';
import type { TeachingClient } from './client';
import { NameForm, Problem } from './parts';
import type { Policies } from './types';
import { useTask } from './useTask';

interface Props {
  readonly client: TeachingClient;
  readonly onDone: () => void;
}

type Joining = Policies['joining'];

const JOINING: Readonly<Record<Joining, string>> = {
  invitation: mark('by invitation'),
  request: mark('by request, which I approve'),
  code: mark('with a code')
};

/** A form for a new group of people. */
export function NewGroup({ client, onDone }: Props): JSX.Element {
  const task = useTask();
  const [joining, setJoining] = useState<Joining>('invitation');
  const [fields, setFields] = useState('');
  const make = async (name: string): Promise<void> => {
    const asked = joining === 'request';
    await client.makeGroup(name, {
      about: '',
      visibility: asked ? 'everyone' : 'members',
      members_visible: 'members',
      joining,
      fields: asked ? fields.split(',').map(field => field.trim()).filter(Boolean) : []
    });
    onDone();
  };
  return (
    <NameForm label={t('Name of a new group')} action={t('Make a group')} busy={task.busy} onSubmit={name => task.run(() => make(name))}>
      <label>
        <span>{t('People join')}</span>
        <select className="cyg-select" value={joining} onChange={event => setJoining(event.target.value as Joining)}>
          {(Object.keys(JOINING) as Joining[]).map(one => (
            <option key={one} value={one}>{t(JOINING[one])}</option>
          ))}
        </select>
      </label>
      {joining === 'request' && (
        <label>
          <span>{t('A request must say')}</span>
          <input className="cyg-input" placeholder={t('Institution, Project')} value={fields} onChange={event => setFields(event.target.value)} />
        </label>
      )}
      <Problem text={task.error} />
    </NameForm>
  );
}
