import { useEffect, useState } from 'react';
import { t, tn } from '../texts';
import type { TeachingClient } from './client';
import { fromField } from './format';
import { Problem } from './parts';
import { type Group, type Mode, teaches } from './types';
import { useTask } from './useTask';

interface Props {
  readonly client: TeachingClient;
  readonly path: string;
}

/** Part of the share dialog, for who teaches: hand this out to a class. */
export function HandOut({ client, path }: Props): JSX.Element | null {
  const [classes, setClasses] = useState<readonly Group[]>([]);
  useEffect(() => {
    // Somebody who is in no class, or on a service that has none, does not miss this part of the dialog.
    client.classes().then(found => setClasses(found.filter(teaches)), () => setClasses([]));
  }, [client]);
  return classes.length > 0 ? <Form client={client} path={path} classes={classes} /> : null;
}

function Form({ client, path, classes }: Props & { readonly classes: readonly Group[] }): JSX.Element {
  const task = useTask();
  const [id, setId] = useState(classes[0]?.id ?? '');
  const [mode, setMode] = useState<Mode>('copy');
  const [deadline, setDeadline] = useState('');
  const [said, setSaid] = useState('');
  const handOut = async (): Promise<void> => {
    setSaid('');
    const done = await client.handOut(id, path, mode, mode === 'copy' ? fromField(deadline) : null);
    const name = classes.find(one => one.id === id)?.name ?? '';
    setSaid(mode === 'copy' ? wordsOf(done.students.length, name) : t('“{name}” reads it in Materials.', { name }));
  };
  return (
    <section className="cyg-sharing cyg-teaching cyg-hand-out" aria-label={t('Hand out to a class')}>
      <h3>{t('Hand out to a class')}</h3>
      <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(handOut); }}>
        <label>
          <span>{t('Class')}</span>
          <select className="cyg-select" value={id} onChange={event => setId(event.target.value)}>
            {classes.map(one => (
              <option key={one.id} value={one.id}>{one.name}</option>
            ))}
          </select>
        </label>
        <label>
          <span>{t('As')}</span>
          <select className="cyg-select" value={mode} onChange={event => setMode(event.target.value as Mode)}>
            <option value="copy">{t('a copy for each student')}</option>
            <option value="read">{t('something to read together')}</option>
          </select>
        </label>
        {mode === 'copy' && (
          <label>
            <span>{t('Deadline, if any')}</span>
            <input className="cyg-input" type="datetime-local" value={deadline} onChange={event => setDeadline(event.target.value)} />
          </label>
        )}
        <button type="submit" className="cyg-button cyg-primary" disabled={task.busy}>{t('Hand out')}</button>
      </form>
      <Problem text={task.error} />
      <p role="status">{said}</p>
    </section>
  );
}

function wordsOf(students: number, name: string): string {
  return tn('One student in “{name}” has a copy.', '{n} students in “{name}” have a copy.', students, { name });
}
