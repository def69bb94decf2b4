import { useState } from 'react';
import { rich, t, tn } from '@cygnet/texts';
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
  const strong = <strong key="name">{name}</strong>;
  return (
    <Dialog title={t('This name is taken')} onClose={() => onAnswer()}>
      <p>
        {folder === '/'
          ? rich('{name} is already in your files. What should happen with the new one?', { name: strong })
          : rich('{name} is already in “{folder}”. What should happen with the new one?', { name: strong, folder: basename(folder) })}
      </p>
      {left > 0 && (
        <label className="check-line">
          <input type="checkbox" checked={always} onChange={event => setAlways(event.target.checked)} />
          <span>{tn('Do the same for the other one if its name is taken too', 'Do the same for the other {n} if a name is taken too', left)}</span>
        </label>
      )}
      <DialogActions>
        <Button look="quiet" onClick={say('skip')}>{t('Skip')}</Button>
        <Button onClick={say('replace')}>{t('Replace')}</Button>
        <Button look="primary" data-first onClick={say('both')}>{t('Keep both')}</Button>
      </DialogActions>
    </Dialog>
  );
}
