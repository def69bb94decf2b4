import { t } from '../texts';
import type { Role } from './types';

export interface RoleSelectProps {
  readonly label: string;
  readonly value: Role;
  readonly disabled?: boolean;
  readonly onChange: (role: Role) => void;
}

/** View or edit. */
export function RoleSelect({ label, value, disabled, onChange }: RoleSelectProps): JSX.Element {
  return (
    <select
      className="cyg-select"
      aria-label={label}
      value={value}
      disabled={disabled ?? false}
      onChange={event => onChange(event.target.value as Role)}
    >
      <option value="viewer">{t('Can view')}</option>
      <option value="editor">{t('Can edit')}</option>
    </select>
  );
}
