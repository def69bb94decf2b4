import { useState } from 'react';
import { basename } from '../lib/paths';
import { Button } from '../ui/Button';
import { Dialog, DialogActions } from '../ui/Dialog';

export interface ConflictAnswer {
  answer: 'replace' | 'both' | 'skip';
  always: boolean;
}

interface Props {
  name: string;
  folder: string;
  /** how many more of the same batch may ask */
  left: number;
  onAnswer: (answer?: ConflictAnswer) => void;
}

export function ConflictDialog({ name, folder, left, onAnswer }: Props): JSX.Element {
  const [always, setAlways] = useState(false);
  const say = (answer: ConflictAnswer['answer']) => () => onAnswer({ answer, always });
  const where = folder === '/' ? 'your files' : `“${basename(folder)}”`;
  return (
    <Dialog title="This name is taken" onClose={() => onAnswer()}>
      <p>
        <strong>{name}</strong> is already in {where}. What should happen with the new one?
      </p>
      {left > 0 && (
        <label className="check-line">
          <input type="checkbox" checked={always} onChange={event => setAlways(event.target.checked)} />
          Do the same for {left === 1 ? 'the other one' : `the other ${left}`} if the name is taken too
        </label>
      )}
      <DialogActions>
        <Button look="quiet" onClick={say('skip')}>Skip</Button>
        <Button onClick={say('replace')}>Replace</Button>
        <Button look="primary" data-first onClick={say('both')}>Keep both</Button>
      </DialogActions>
    </Dialog>
  );
}
