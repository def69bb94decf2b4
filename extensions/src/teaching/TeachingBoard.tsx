import { useState } from 'react';
import { t } from '../texts';
import type { TeachingClient } from './client';
import { ClassPage } from './ClassPage';
import { GroupList } from './GroupList';
import { NameForm, Problem } from './parts';
import { type Group, type TeachingHost, teaches } from './types';
import { useLoaded } from './useLoaded';
import { useTask } from './useTask';

export interface TeachingBoardProps {
  readonly client: TeachingClient;
  readonly host: TeachingHost;
  /** The account name of the person. */
  readonly me: string;
  /** The code in the address that the person came by. */
  readonly code?: string;
  /** The id of the class to show first. */
  readonly open?: string | null;
}

/** The person's classes and groups, and one class when it is chosen. */
export function TeachingBoard({ client, host, me, code = '', open = null }: TeachingBoardProps): JSX.Element {
  const { value, error, reload } = useLoaded(() => client.classes(), host);
  const [chosen, setChosen] = useState<string | null>(open);
  const shown = value?.find(one => one.id === chosen);
  const back = (): void => {
    setChosen(null);
    reload();
  };
  return (
    <div className="cyg-sharing cyg-teaching">
      <Problem text={error} />
      {shown ? (
        <ClassPage key={shown.id} client={client} host={host} me={me} id={shown.id} role={shown.role} onBack={back} />
      ) : (
        <>
          <ClassList classes={value} onChoose={setChosen} />
          <Begin client={client} code={code} onDone={group => { reload(); if (group.is_class) setChosen(group.id); }} />
          <GroupList client={client} host={host} me={me} />
        </>
      )}
    </div>
  );
}

function ClassList({ classes, onChoose }: { readonly classes: readonly Group[] | null; readonly onChoose: (id: string) => void }): JSX.Element {
  return (
    <section aria-label={t('My classes')}>
      <h2>{t('My classes')}</h2>
      {classes?.length === 0 && (
        <p className="cyg-quiet">{t('None yet. Join one with the code that your teacher gave you, or make one of your own.')}</p>
      )}
      <ul className="cyg-cards">
        {classes?.map(one => (
          <li key={one.id}>
            <button type="button" className="cyg-card" onClick={() => onChoose(one.id)}>
              <strong>{one.name}</strong>
              <span className="cyg-quiet">{teaches(one) ? t('you teach') : t(t('you learn'))}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface BeginProps {
  readonly client: TeachingClient;
  readonly code: string;
  readonly onDone: (group: Group) => void;
}

function Begin({ client, code, onDone }: BeginProps): JSX.Element {
  const task = useTask();
  return (
    <section aria-label={t('Join or make a class')} className="cyg-columns">
      <Problem text={task.error} />
      <NameForm label={t('Code of a class or group')} action={t('Join')} initial={code} busy={task.busy} onSubmit={text => task.run(async () => onDone(await client.join(text)))} />
      <NameForm label={t('Name of a new class')} action={t('Make a class')} busy={task.busy} onSubmit={text => task.run(async () => onDone(await client.makeClass(text)))} />
    </section>
  );
}
