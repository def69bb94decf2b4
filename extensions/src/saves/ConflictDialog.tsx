import { useState } from 'react';
import { type CellDifference, CellList } from '../difference';
import { messageOf } from '../sharing';
import { locale, mark, t, tn } from '../texts';
import type { Conflict } from './conflict';

export type Choice = 'merge' | 'both' | 'mine' | 'theirs';

export interface ConflictDialogProps {
  readonly conflict: Conflict;
  readonly onChoice: (choice: Choice) => Promise<void>;
}

/** What differs between an open document and its file, and what can be done about it. */
export function ConflictDialog({ conflict, onChoice }: ConflictDialogProps): JSX.Element {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const names = { left: t('elsewhere'), right: t('here') };
  const choose = async (choice: Choice): Promise<void> => {
    setBusy(true);
    setError('');
    await onChoice(choice).catch((reason: unknown) => setError(messageOf(reason)));
    setBusy(false);
  };
  return (
    <div className="cygnet-conflict" aria-busy={busy}>
      <p>{introduction(conflict)}</p>
      {conflict.cells ? (
        <CellList cells={conflict.cells} names={names} words={wordsOf} />
      ) : (
        <p className="cygnet-quiet">{t('The two cannot be shown side by side.')}</p>
      )}
      {error && <p role="alert">{error}</p>}
      <ul className="cygnet-choices" aria-label={t('What to do')}>
        {choices(conflict).map(({ choice, label, about, enabled }) => (
          <li key={choice}>
            <button
              type="button"
              className={choice === 'merge' ? 'cygnet-button cygnet-primary' : 'cygnet-button'}
              disabled={busy || !enabled}
              aria-describedby={`cygnet-about-${choice}`}
              onClick={() => void choose(choice)}
            >
              {label}
            </button>
            <span id={`cygnet-about-${choice}`}>{about}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function introduction({ author, changed }: Conflict): string {
  const time = new Date(changed).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
  return author
    ? t('{author} saved it elsewhere ({time}) while you had it open here. Your changes are only on this page so far.', {
        author,
        time
      })
    : t('It was saved elsewhere ({time}) while you had it open here. Your changes are only on this page so far.', { time });
}

/** The left side is elsewhere, the right side here. */
const WORDS = {
  changed: {
    left: mark('Changed elsewhere'),
    right: mark('Changed here'),
    both: mark('Changed here and elsewhere'),
    nobody: mark('Differs')
  },
  left: {
    left: mark('Added elsewhere'),
    right: mark('Deleted here'),
    both: mark('Only elsewhere'),
    nobody: mark('Only elsewhere')
  },
  right: {
    left: mark('Deleted elsewhere'),
    right: mark('Added here'),
    both: mark('Only here'),
    nobody: mark('Only here')
  }
};

function wordsOf({ kind, who }: CellDifference): string {
  return kind === 'same' ? '' : t(WORDS[kind][who ?? 'nobody']);
}

interface Offer {
  readonly choice: Choice;
  readonly label: string;
  readonly about: string;
  readonly enabled: boolean;
}

function choices({ merged, conflicts }: Conflict): Offer[] {
  const mergeable = merged !== null;
  return [
    { choice: 'merge', label: t('Merge'), about: aboutMerging(mergeable, conflicts), enabled: mergeable },
    { choice: 'both', label: t('Keep both'), about: t('Yours becomes a file of its own, beside the other.'), enabled: true },
    { choice: 'mine', label: t('Take mine'), about: t('Yours is saved. The other stays among the versions.'), enabled: true },
    { choice: 'theirs', label: t('Take theirs'), about: t('The other is opened here. Your changes are dropped.'), enabled: true }
  ];
}

function aboutMerging(possible: boolean, conflicts: number): string {
  if (!possible) {
    return t('Not possible: the version that both began with is not known any more.');
  }
  if (conflicts === 0) {
    return t('The changes of both, in one file.');
  }
  return tn(
    'The changes of both. {n} cell was changed by both: it gets both texts, marked.',
    'The changes of both. {n} cells were changed by both: they get both texts, marked.',
    conflicts
  );
}
