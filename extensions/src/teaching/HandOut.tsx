import { useEffect, useState } from 'react';
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
    setSaid(mode === 'copy' ? wordsOf(done.students.length, name) : `“${name}” reads it in Materials.`);
  };
  return (
    <section className="cyg-sharing cyg-teaching cyg-hand-out" aria-label="Hand out to a class">
      <h3>Hand out to a class</h3>
      <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(handOut); }}>
        <label>
          <span>Class</span>
          <select className="cyg-select" value={id} onChange={event => setId(event.target.value)}>
            {classes.map(one => (
              <option key={one.id} value={one.id}>{one.name}</option>
            ))}
          </select>
        </label>
        <label>
          <span>As</span>
          <select className="cyg-select" value={mode} onChange={event => setMode(event.target.value as Mode)}>
            <option value="copy">a copy for each student</option>
            <option value="read">something to read together</option>
          </select>
        </label>
        {mode === 'copy' && (
          <label>
            <span>Deadline, if any</span>
            <input className="cyg-input" type="datetime-local" value={deadline} onChange={event => setDeadline(event.target.value)} />
          </label>
        )}
        <button type="submit" className="cyg-button cyg-primary" disabled={task.busy}>Hand out</button>
      </form>
      <Problem text={task.error} />
      <p role="status">{said}</p>
    </section>
  );
}

function wordsOf(students: number, name: string): string {
  return students === 1 ? `One student in “${name}” has a copy.` : `${students} students in “${name}” have a copy.`;
}
