import { useRef } from 'react';
import { mark, t, tn } from '../texts';
import { CopyButton } from '../sharing/CopyButton';
import type { TeachingClient } from './client';
import { Action, NameForm, Problem } from './parts';
import { type Enrolled, type Group, type GroupRole, type Member, teaches } from './types';
import type { TeachingHost } from './types';
import { type Task, useTask } from './useTask';

interface Props {
  readonly client: TeachingClient;
  readonly host: TeachingHost;
  readonly me: string;
  readonly group: Group;
  readonly onChange: () => void;
  /** The person is in it no more. */
  readonly onGone: () => void;
}

/** Who is in a class or group, how others come to it, and the way out. */
export function Members({ client, host, me, group, onChange, onGone }: Props): JSX.Element {
  const task = useTask();
  const manages = teaches(group);
  const act = (what: () => Promise<unknown>): Promise<boolean> =>
    task.run(async () => {
      await what();
      onChange();
    });
  const leave = (what: () => Promise<unknown>): void =>
    void task.run(async () => {
      await what();
      onGone();
    });
  return (
    <section aria-label={t('People in {name}', { name: group.name })}>
      <h3>{t('People')}</h3>
      <Problem text={task.error} />
      {manages && group.joining === 'code' && <JoinCode client={client} host={host} group={group} act={act} />}
      <ul className="cyg-members">
        {group.members?.map(member => (
          <li key={member.name}>
            <Person client={client} me={me} group={group} member={member} busy={task.busy} act={act} />
          </li>
        ))}
      </ul>
      {manages && (
        <div className="cyg-columns">
          <NameForm label={t('Account name to invite')} action={t('Invite')} busy={task.busy} onSubmit={name => act(() => client.invite(group.id, [name]))} />
          {group.is_class && <RosterField client={client} group={group} task={task} onChange={onChange} />}
        </div>
      )}
      <p className="cyg-row">
        <Action label={t('Leave')} about={group.name} busy={task.busy} run={() => leave(() => client.takeOut(group.id, me))} />
        {group.role === 'admin' && <Action label={t('End it for everybody')} about={group.name} busy={task.busy} run={() => {
          if (window.confirm(t('End “{name}” for everybody in it?', { name: group.name }))) leave(() => client.end(group.id));
        }} />}
      </p>
    </section>
  );
}

type Act = (what: () => Promise<unknown>) => Promise<boolean>;

function JoinCode({ client, host, group, act }: Pick<Props, 'client' | 'host' | 'group'> & { readonly act: Act }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const link = host.joinLink(group.code ?? '');
  return (
    <div className="cyg-form">
      <label className="cyg-grow">
        <span>{t('Code to join')}</span>
        <input className="cyg-input" readOnly value={group.code ?? ''} />
      </label>
      <label className="cyg-grow">
        <span>{t('Link to join')}</span>
        <input ref={field} className="cyg-input" readOnly value={link} />
      </label>
      <CopyButton text={link} field={field} />
      <button type="button" className="cyg-button" onClick={() => void act(() => client.newCode(group.id))}>
        {t('New code')}
      </button>
    </div>
  );
}

interface PersonProps {
  readonly client: TeachingClient;
  readonly me: string;
  readonly group: Group;
  readonly member: Member;
  readonly busy: boolean;
  readonly act: Act;
}

const ROLES: Readonly<Record<GroupRole, readonly [string, string]>> = {
  member: [mark('member'), mark('student')],
  manager: [mark('manager'), mark('assistant')],
  admin: [mark('admin'), mark('teacher')]
};

/** What somebody is in a group, or in a class. */
export const roleWords = (role: GroupRole, inClass: boolean): string => t(ROLES[role][inClass ? 1 : 0]);

function Person({ client, me, group, member, busy, act }: PersonProps): JSX.Element {
  const { name, display_name: shown, role, state } = member;
  const answers = Object.entries(member.answers).map(([field, answer]) => `${field}: ${answer}`);
  return (
    <div className="cyg-row">
      <span className="cyg-grow">
        {shown} <span className="cyg-quiet">{[name === shown ? '' : name, state === 'active' ? '' : state, ...answers].filter(Boolean).join(' · ')}</span>
      </span>
      {group.role === 'admin' && state === 'active' && name !== me ? (
        <select className="cyg-select" aria-label={t('Role of {shown}', { shown })} value={role} disabled={busy} onChange={event => void act(() => client.setRole(group.id, name, event.target.value as GroupRole))}>
          {(Object.keys(ROLES) as GroupRole[]).map(one => (
            <option key={one} value={one}>{roleWords(one, group.is_class)}</option>
          ))}
        </select>
      ) : (
        <span className="cyg-quiet">{roleWords(role, group.is_class)}</span>
      )}
      {teaches(group) && state === 'requested' && (
        <>
          <Action label={t('Approve')} about={shown} busy={busy} primary run={() => void act(() => client.decide(group.id, name, true))} />
          <Action label={t('Reject')} about={shown} busy={busy} run={() => void act(() => client.decide(group.id, name, false))} />
        </>
      )}
      {teaches(group) && state !== 'requested' && name !== me && (
        <Action label={t('Remove')} about={shown} busy={busy} run={() => void act(() => client.takeOut(group.id, name))} />
      )}
    </div>
  );
}

interface RosterProps {
  readonly client: TeachingClient;
  readonly group: Group;
  readonly task: Task;
  readonly onChange: () => void;
}

function RosterField({ client, group, task, onChange }: RosterProps): JSX.Element {
  const said = useRef<HTMLSpanElement>(null);
  const read = async (file: File): Promise<void> => {
    const done = await client.enrol(group.id, file);
    if (said.current) said.current.textContent = wordsOf(done);
    onChange();
  };
  return (
    <label className="cyg-form">
      <span>{t('Roster (a CSV file with account names)')}</span>
      <input
        type="file"
        accept=".csv,text/csv,text/plain"
        disabled={task.busy}
        onChange={event => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void task.run(() => read(file));
        }}
      />
      <span ref={said} role="status" className="cyg-quiet" />
    </label>
  );
}

function wordsOf({ added, known, repeated }: Enrolled): string {
  const words = [tn('{n} added', '{n} added', added.length)];
  if (known.length) words.push(tn('{n} was here already', '{n} were here already', known.length));
  if (repeated.length) words.push(t('more than once in the file: {repeated}', { repeated: repeated.join(', ') }));
  return words.join('; ');
}
