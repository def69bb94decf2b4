import { useState } from 'react';
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
        <td data-label="Opened">{moment(standing.opened)}</td>
        <td data-label="Worked">{moment(standing.worked)}</td>
        <td data-label="Handed in">
          {submission && moment(submission.made)}
          {submission?.late && <b className="cyg-late"> late</b>}
          {standing.extended && <span className="cyg-quiet"> until {moment(standing.due)}</span>}
        </td>
        <td data-label="Mark">{submission?.mark}</td>
        <td className="cyg-row">
          {path !== null && <Action label="Open" about={name} busy={false} run={() => host.open(path)} />}
          <Action label="Extend" about={name} busy={false} run={() => toggle('extend')} />
          {submission && <Action label="Give back" about={name} busy={false} run={() => toggle('return')} />}
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
        <span>Until when {standing.display_name} may work; empty for the deadline of all</span>
        <input className="cyg-input" type="datetime-local" value={text} onChange={event => setText(event.target.value)} />
      </label>
      <button type="submit" className="cyg-button" disabled={task.busy}>Set</button>
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
        <span>Mark</span>
        <input className="cyg-input" value={mark} maxLength={100} onChange={event => setMark(event.target.value)} />
      </label>
      <label className="cyg-grow">
        <span>Comment, seen by {standing.display_name} only</span>
        <input className="cyg-input" value={comment} onChange={event => setComment(event.target.value)} />
      </label>
      <label>
        <span>Marked file of yours, if any</span>
        <input className="cyg-input" value={path} placeholder="/Marked/exercise.ipynb" onChange={event => setPath(event.target.value)} />
      </label>
      <button type="submit" className="cyg-button cyg-primary" disabled={task.busy}>Give it back</button>
      <Problem text={task.error} />
    </form>
  );
}
