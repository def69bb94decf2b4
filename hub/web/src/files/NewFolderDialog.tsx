import { useState } from 'react';
import { t } from '@cygnet/texts';
import { makeFolder } from '../api/files';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { join, nameProblem } from '../lib/paths';
import { Button } from '../ui/Button';
import { Dialog, DialogActions } from '../ui/Dialog';

interface Props {
  folder: string;
  onDone: (made?: Node) => void;
}

export function NewFolderDialog({ folder, onDone }: Props): JSX.Element {
  const [name, setName] = useState(t('New folder'));
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const problem = nameProblem(name) ?? error;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    makeFolder(join(folder, name)).then(onDone, (cause: unknown) => {
      setError(inWords(cause));
      setBusy(false);
    });
  };
  return (
    <Dialog title={t('New folder')} onClose={() => onDone()}>
      <form onSubmit={submit}>
        <label className="field">
          <span>{t('Name')}</span>
          <input
            data-first
            value={name}
            spellCheck={false}
            aria-invalid={problem !== null}
            onFocus={event => event.target.select()}
            onChange={event => { setName(event.target.value); setError(null); }}
          />
        </label>
        {problem && <p className="field-problem" role="alert">{problem}</p>}
        <DialogActions>
          <Button look="quiet" onClick={() => onDone()}>{t('Cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy || problem !== null}>{t('Create')}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
