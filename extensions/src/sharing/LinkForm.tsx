import { useState } from 'react';
import { t } from '../texts';
import { RoleSelect } from './RoleSelect';
import type { Role } from './types';

export interface LinkSettings {
  readonly role: Role;
  /** undefined: as it is; empty: none. */
  readonly password?: string;
  /** YYYY-MM-DD; empty: none. */
  readonly expires: string;
}

export interface LinkFormProps {
  readonly initial: LinkSettings;
  /** The link has a password now. */
  readonly hasPassword: boolean;
  readonly action: string;
  readonly busy: boolean;
  readonly onSubmit: (settings: LinkSettings) => void;
  readonly onCancel: () => void;
}

function tomorrow(): string {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
}

/** Role, password and last day of a link. */
export function LinkForm(props: LinkFormProps): JSX.Element {
  const { initial, hasPassword, action, busy, onSubmit, onCancel } = props;
  const [role, setRole] = useState(initial.role);
  const [protect, setProtect] = useState(hasPassword);
  const [password, setPassword] = useState('');
  const [expires, setExpires] = useState(initial.expires);
  const submit = (): void => {
    const settings = { role, expires };
    if (protect && password) {
      onSubmit({ ...settings, password });
    } else {
      onSubmit(hasPassword && !protect ? { ...settings, password: '' } : settings);
    }
  };
  return (
    <form
      className="cyg-link-form"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      <label>
        {t('Anyone with the link')} <RoleSelect label={t('Anyone with the link')} value={role} onChange={setRole} />
      </label>
      <label>
        <input type="checkbox" checked={protect} onChange={event => setProtect(event.target.checked)} />
        {t('Password')}
      </label>
      {protect && (
        <input
          className="cyg-input"
          type="password"
          aria-label={t('Password of the link')}
          placeholder={hasPassword ? t('Unchanged') : t('Password')}
          autoComplete="new-password"
          required={!hasPassword}
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      )}
      <label>
        {t('Valid until')}
        <input
          className="cyg-input"
          type="date"
          aria-label={t('Last day of the link')}
          min={tomorrow()}
          value={expires}
          onChange={event => setExpires(event.target.value)}
        />
      </label>
      <div className="cyg-actions">
        <button type="button" className="cyg-button" onClick={onCancel}>
          {t('Cancel')}
        </button>
        <button type="submit" className="cyg-button cyg-primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}
