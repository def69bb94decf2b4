import { rich, t } from '../texts';
import type { HandoutProps } from './ClassPage';
import { moment } from './format';
import { Action, Problem } from './parts';
import type { Standing, Submission } from './types';
import { useTask } from './useTask';

/** Something that the student got: to open, to hand in, and what came back. */
export function MyHandout({ client, host, group, handout, onChange }: HandoutProps): JSX.Element {
  const task = useTask();
  const mine = handout.students[0];
  const path = handout.path ?? mine?.path ?? null;
  const submit = async (): Promise<void> => {
    await client.doWith(group, handout.id, 'submit');
    onChange();
  };
  return (
    <article className="cyg-handout" aria-label={handout.name}>
      <header>
        <strong>{handout.name}</strong>
        <span className="cyg-quiet">{handout.mode === 'read' ? t('to read') : due(mine)}</span>
        {path !== null && <Action label={t('Open')} about={handout.name} busy={task.busy} primary run={() => host.open(path)} />}
        {mine?.path && <Action label={t('Hand in')} about={handout.name} busy={task.busy} run={() => void task.run(submit)} />}
      </header>
      <Problem text={task.error} />
      {mine && mine.notes.length > 0 && (
        <details open>
          <summary>{t('A new version was handed out')}</summary>
          <ul>{mine.notes.map(note => <li key={note}>{note}</li>)}</ul>
        </details>
      )}
      {mine?.submission && <Receipt submission={mine.submission} />}
    </article>
  );
}

function due(mine: Standing | undefined): string {
  if (!mine || mine.due === null) return t('no deadline');
  const when = moment(mine.due);
  return mine.extended ? t('due {when} (extended for you)', { when }) : t('due {when}', { when });
}

function Receipt({ submission }: { readonly submission: Submission }): JSX.Element {
  return (
    <div role="group" aria-label={t('Receipt')}>
      <p>
        {t('Handed in {when}', { when: moment(submission.made) })}
        {submission.late && <b className="cyg-late"> {t('late')}</b>}
        <span className="cyg-quiet"> · {t('checksum')} </span>
        <code title={submission.sha256}>{submission.sha256.slice(0, 16)}…</code>
      </p>
      {submission.returned !== null && (
        <p>
          {rich('Mark: {mark}', { mark: <b key="mark">{submission.mark || '-'}</b> })}
          {submission.comment && <q>{submission.comment}</q>}
        </p>
      )}
    </div>
  );
}
