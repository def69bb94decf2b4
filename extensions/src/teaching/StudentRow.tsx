import { useState } from 'react';
import { t } from '../texts';
import type { HandoutProps } from './ClassPage';
import { fromField, moment, toField } from './format';
import { Action, Problem } from './parts';
import type { Standing } from './types';
import { useTask } from './useTask';

interface Props extends HandoutProps {
  readonly standing: Standing;
}

type Opened = 'extend' | 'return' | null;

/** One student: how far they are, and what the teacher can do for them. */
export function StudentRow(props: Props): JSX.Element {
  const { host, standing } = props;
  const [opened, setOpened] = useState<Opened>(null);
  const { path, submission, display_name: name } = standing;
  const toggle = (what: Opened): void => setOpened(opened === what ? null : what);
  return (
    <>
      <tr>
        <th scope="row">{name}</th>
        <td data-label={t('Opened')}>{moment(standing.opened)}</td>
        <td data-label={t('Worked')}>{moment(standing.worked)}</td>
        <td data-label={t('Handed in')}>
          {submission && moment(submission.made)}
          {submission?.late && <b className="cyg-late"> {t('late')}</b>}
          {standing.extended && <span className="cyg-quiet"> {t('until {date}', { date: moment(standing.due) })}</span>}
        </td>
        <td data-label={t('Mark')}>{submission?.mark}</td>
        <td className="cyg-row">
          {path !== null && <Action label={t('Open')} about={name} busy={false} run={() => host.open(path)} />}
          <Action label={t('Extend')} about={name} busy={false} run={() => toggle('extend')} />
          {submission && <Action label={t('Give back')} about={name} busy={false} run={() => toggle('return')} />}
        </td>
      </tr>
      {opened && (
        <tr>
          <td colSpan={6}>
            {opened === 'extend' ? <Extend {...props} onDone={() => setOpened(null)} /> : <GiveBack {...props} onDone={() => setOpened(null)} />}
          </td>
        </tr>
      )}
    </>
  );
}

type FormProps = Props & { readonly onDone: () => void };

function Extend({ client, group, handout, standing, onChange, onDone }: FormProps): JSX.Element {
  const task = useTask();
  const [text, setText] = useState(toField(standing.due));
  const extend = async (): Promise<void> => {
    await client.setDeadline(group, handout.id, fromField(text), standing.user);
    onDone();
    onChange();
  };
  return (
    <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(extend); }}>
      <label>
        <span>{t('Until when {name} may work; empty for the deadline of all', { name: standing.display_name })}</span>
        <input className="cyg-input" type="datetime-local" value={text} onChange={event => setText(event.target.value)} />
      </label>
      <button type="submit" className="cyg-button" disabled={task.busy}>{t('Set')}</button>
      <Problem text={task.error} />
    </form>
  );
}

function GiveBack({ client, group, handout, standing, onChange, onDone }: FormProps): JSX.Element {
  const task = useTask();
  const [mark, setMark] = useState(standing.submission?.mark ?? '');
  const [comment, setComment] = useState(standing.submission?.comment ?? '');
  const [path, setPath] = useState('');
  const give = async (): Promise<void> => {
    await client.giveBack(group, handout.id, standing.user, mark, comment, path.trim());
    onDone();
    onChange();
  };
  return (
    <form className="cyg-form" onSubmit={event => { event.preventDefault(); void task.run(give); }}>
      <label>
        <span>{t('Mark')}</span>
        <input className="cyg-input" value={mark} maxLength={100} onChange={event => setMark(event.target.value)} />
      </label>
      <label className="cyg-grow">
        <span>{t('Comment, seen by {name} only', { name: standing.display_name })}</span>
        <input className="cyg-input" value={comment} onChange={event => setComment(event.target.value)} />
      </label>
      <label>
        <span>{t('Marked file of yours, if any')}</span>
        <input className="cyg-input" value={path} placeholder={t('/Marked/exercise.ipynb')} onChange={event => setPath(event.target.value)} />
      </label>
      <button type="submit" className="cyg-button cyg-primary" disabled={task.busy}>{t('Give it back')}</button>
      <Problem text={task.error} />
    </form>
  );
}
