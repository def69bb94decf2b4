import { useState } from 'react';
import { t } from '@cygnet/texts';
import { unlockPublic } from '../api/files';
import { inWords } from '../api/http';
import { Button } from '../ui/Button';
import { Mark } from '../ui/Mark';

/** Asks for the password of a link. */
export function PasswordForm({ token, onUnlocked }: { token: string; onUnlocked: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    unlockPublic(token, password)
      .then(onUnlocked, (cause: unknown) => setError(inWords(cause)))
      .finally(() => setBusy(false));
  };
  return (
    <form className="lock" onSubmit={submit}>
      <Mark size={56} />
      <h1>{t('This link has a password')}</h1>
      <p className="quiet">{t('The person who sent you the link knows it.')}</p>
      <label className="field">
        <span>{t('Password')}</span>
        <input
          type="password"
          autoFocus
          autoComplete="off"
          value={password}
          aria-invalid={error !== null}
          onChange={event => { setPassword(event.target.value); setError(null); }}
        />
      </label>
      {error && <p className="field-problem" role="alert">{error}</p>}
      <Button look="primary" type="submit" disabled={busy || !password}>{t('Open')}</Button>
    </form>
  );
}
