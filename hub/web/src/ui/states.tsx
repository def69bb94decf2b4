import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

interface Props {
  icon: IconName;
  title: string;
  children?: ReactNode;
}

/** What a place without contents says: what it is for and what to do next. */
export function Empty({ icon, title, children }: Props): JSX.Element {
  return (
    <div className="empty">
      <div className="empty-icon">
        <Icon name={icon} size={36} />
      </div>
      <h2>{title}</h2>
      <div className="empty-text">{children}</div>
    </div>
  );
}

export function Loading({ label = 'Loading' }: { label?: string }): JSX.Element {
  return (
    <div className="loading" role="status" aria-label={label}>
      <i />
      <i />
      <i />
    </div>
  );
}
