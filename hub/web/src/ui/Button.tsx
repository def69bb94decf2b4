import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  look?: 'primary' | 'plain' | 'quiet' | 'danger';
  children: ReactNode;
}

export function Button({ icon, look = 'plain', children, className = '', ...rest }: Props): JSX.Element {
  return (
    <button type="button" className={`button ${look} ${className}`} {...rest}>
      {icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** said by screen readers and shown on hover */
  label: string;
}

export function IconButton({ icon, label, className = '', ...rest }: IconProps): JSX.Element {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
