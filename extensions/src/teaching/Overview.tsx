import { useState } from 'react';
import { t } from '../texts';
import type { HandoutProps } from './ClassPage';
import { fromField, moment, overview, toField } from './format';
import { Action, Problem } from './parts';
import { StudentRow } from './StudentRow';
import type { Handout } from './types';
import { useTask } from './useTask';

/** Something that was handed out: who has opened it, worked on it and handed it in. */
export function Overview({ client, host, group, handout, onChange }: HandoutProps): JSX.Element {
  const task = useTask();
  const { id, name, students, mode } = handout;
  const act = (what: 'update' | 'collect'): void =>
    void task.run(async () => {
      await client.doWith(group, id, what);
      onChange();
    });
  const submitted = students.filter(one => one.submission).length;
  return (
    <article className="cyg-handout" aria-label={name}>
      <header>
        <strong>{name}</strong>
        <span className="cyg-quiet">
          {mode === 'read' ? t('read together') : t('{submitted} of {n} collected', { submitted, n: students.length })} · {t('version {revision}', { revision: handout.revision })}
        </span>
        <Action label={t('Hand out new version')} about={name} busy={task.busy} run={() => act('update')} />
        {mode === 'copy' && <Action label={t('Collect now')} about={name} busy={task.busy} primary run={() => act('collect')} />}
        {mode === 'copy' && <Export handout={handout} />}
      </header>
      {mode === 'copy' && <Deadline client={client} group={group} handout={handout} onChange={onChange} />}
      <Problem text={task.error} />
      {students.length > 0 && (
        <div className="cyg-scroll">
          <table>
            <thead>
              <tr>
                {[t('Student'), t('Opened'), t('Worked'), t('Handed in'), t('Mark')].map(title => (
                  <th key={title} scope="col">{title}</th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {students.map(one => (
                <StudentRow key={one.user} client={client} host={host} group={group} handout={handout} standing={one} onChange={onChange} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </article>
  );
}

function Export({ handout }: { readonly handout: Handout }): JSX.Element {
  const save = (): void => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff', overview(handout)], { type: 'text/csv;charset=utf-8' }));
    link.download = `${handout.name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return <Action label={t('Export as CSV')} about={handout.name} busy={false} run={save} />;
}

type DeadlineProps = Pick<HandoutProps, 'client' | 'group' | 'handout' | 'onChange'>;

function Deadline({ client, group, handout, onChange }: DeadlineProps): JSX.Element {
  const task = useTask();
  const [text, setText] = useState(toField(handout.deadline));
  const change = async (): Promise<void> => {
    await client.setDeadline(group, handout.id, fromField(text));
    onChange();
  };
  return (
    <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(change); }}>
      <label>
        <span>{handout.deadline === null ? t('Deadline') : t('Deadline (now {when})', { when: moment(handout.deadline) })}</span>
        <input className="cyg-input" type="datetime-local" value={text} aria-label={t('Deadline of {name}', { name: handout.name })} onChange={event => setText(event.target.value)} />
      </label>
      <button type="submit" className="cyg-button" disabled={task.busy || text === toField(handout.deadline)}>
        {t('Set deadline')}
      </button>
      <Problem text={task.error} />
    </form>
  );
}
