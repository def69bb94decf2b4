import { useState } from 'react';
import { t } from '../texts';
import type { TeachingClient } from './client';
import { Members, roleWords } from './Members';
import { NewGroup } from './NewGroup';
import { Action, Problem } from './parts';
import type { Group, TeachingHost } from './types';
import { useLoaded } from './useLoaded';
import { useTask } from './useTask';

interface Props {
  readonly client: TeachingClient;
  readonly host: TeachingHost;
  readonly me: string;
}

/** Groups of people to share with: one's own, invitations, and those that one can ask to join. */
export function GroupList({ client, host, me }: Props): JSX.Element {
  const { value, error, reload } = useLoaded(() => client.groups(), host);
  return (
    <section aria-label={t('My groups')}>
      <h2>{t('My groups')}</h2>
      <Problem text={error} />
      <ul className="cyg-members">
        {value?.mine.map(group => (
          <li key={group.id}>
            <Mine client={client} host={host} me={me} group={group} onChange={reload} />
          </li>
        ))}
        {value?.others.map(group => (
          <li key={group.id}>
            <Other client={client} group={group} onChange={reload} />
          </li>
        ))}
      </ul>
      <NewGroup client={client} onDone={reload} />
    </section>
  );
}

function Mine({ client, host, me, group, onChange }: Props & { readonly group: Group; readonly onChange: () => void }): JSX.Element {
  const task = useTask();
  const [open, setOpen] = useState(false);
  const answer = (accept: boolean): void =>
    void task.run(async () => {
      await client.answer(group.id, accept);
      onChange();
    });
  return (
    <>
      <div className="cyg-row">
        <span className="cyg-grow">
          {group.name} <span className="cyg-quiet">{stateWords(group)}</span>
        </span>
        {group.state === 'invited' && <Action label={t('Accept')} about={group.name} busy={task.busy} primary run={() => answer(true)} />}
        {group.state === 'invited' && <Action label={t('Decline')} about={group.name} busy={task.busy} run={() => answer(false)} />}
        {group.state === 'active' && <Action label={open ? t('Close') : t('People')} about={group.name} busy={task.busy} run={() => setOpen(!open)} />}
      </div>
      <Problem text={task.error} />
      {open && <OneGroup client={client} host={host} me={me} id={group.id} onGone={onChange} />}
    </>
  );
}

/** How the person stands with a group. */
function stateWords({ state, role }: Group): string {
  if (state === 'invited') return t('invited');
  return state === 'requested' ? t('requested') : role ? roleWords(role, false) : '';
}

function OneGroup({ client, host, me, id, onGone }: Props & { readonly id: string; readonly onGone: () => void }): JSX.Element {
  const { value, error, reload } = useLoaded(() => client.group(id), host);
  return (
    <>
      <Problem text={error} />
      {value && <Members client={client} host={host} me={me} group={value} onChange={reload} onGone={onGone} />}
    </>
  );
}

function Other({ client, group, onChange }: { readonly client: TeachingClient; readonly group: Group; readonly onChange: () => void }): JSX.Element {
  const task = useTask();
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const ask = async (): Promise<void> => {
    await client.ask(group.id, answers);
    onChange();
  };
  return (
    <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(ask); }}>
      <span className="cyg-grow">
        {group.name} <span className="cyg-quiet">{group.about}</span>
      </span>
      {group.joining === 'request' &&
        group.fields.map(field => (
          <label key={field}>
            <span>{field}</span>
            <input className="cyg-input" required maxLength={500} value={answers[field] ?? ''} onChange={event => setAnswers({ ...answers, [field]: event.target.value })} />
          </label>
        ))}
      {group.joining === 'request' && <button type="submit" className="cyg-button" disabled={task.busy}>{t('Ask to join')}</button>}
      <Problem text={task.error} />
    </form>
  );
}
