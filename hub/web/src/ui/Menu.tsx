import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Icon, type IconName } from './Icon';

export interface MenuItem {
  label: string;
  icon: IconName;
  run: () => void;
  danger?: boolean;
  /** shown at the right, for those who would rather type */
  keys?: string;
}

export interface Spot {
  x: number;
  y: number;
}

interface Props {
  label: string;
  items: MenuItem[];
  at: Spot;
  onClose: () => void;
}

/** A menu at a spot of the window: arrows move, Enter runs, Escape and Tab leave. */
export function Menu({ label, items, at, onClose }: Props): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const [spot, setSpot] = useState(at);
  useLayoutEffect(() => setSpot(inWindow(at, list.current!)), [at]);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    return () => before?.focus();
  }, []);
  return createPortal(
    <div className="menu-veil" onMouseDown={onClose} onContextMenu={event => { event.preventDefault(); onClose(); }}>
      <div
        ref={list}
        role="menu"
        aria-label={label}
        className="menu"
        style={{ left: spot.x, top: spot.y }}
        onMouseDown={event => event.stopPropagation()}
        onKeyDown={event => onKey(event, list.current!, onClose)}
      >
        {items.map(item => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            aria-keyshortcuts={item.keys}
            className={item.danger ? 'danger' : ''}
            onClick={() => { onClose(); item.run(); }}
          >
            <Icon name={item.icon} size={18} />
            <span>{item.label}</span>
            {item.keys && <kbd aria-hidden="true">{item.keys}</kbd>}
          </button>
        ))}
      </div>
    </div>,
    document.body,
  );
}

const MARGIN = 8;

function inWindow(at: Spot, menu: HTMLElement): Spot {
  return {
    x: Math.max(MARGIN, Math.min(at.x, window.innerWidth - menu.offsetWidth - MARGIN)),
    y: Math.max(MARGIN, Math.min(at.y, window.innerHeight - menu.offsetHeight - MARGIN)),
  };
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function onKey(event: React.KeyboardEvent, menu: HTMLElement, close: () => void): void {
  event.stopPropagation();
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    close();
    return;
  }
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  items[step(items.indexOf(document.activeElement as HTMLElement), items.length)]?.focus();
}

interface ButtonProps {
  label: string;
  items: MenuItem[];
  className?: string;
  children: ReactNode;
}

/** A button that opens a menu below itself. */
export function MenuButton({ label, items, className = 'icon-button', children }: ButtonProps): JSX.Element {
  const [at, setAt] = useState<Spot | null>(null);
  return (
    <>
      <button
        type="button"
        className={className}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        aria-label={label}
        title={label}
        onClick={event => {
          const box = event.currentTarget.getBoundingClientRect();
          setAt({ x: box.left, y: box.bottom + 4 });
        }}
      >
        {children}
      </button>
      {at && <Menu label={label} items={items} at={at} onClose={() => setAt(null)} />}
    </>
  );
}
