import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { t } from '@cygnet/texts';
import { inWords } from '../api/http';
import { IconButton } from './Button';
import { Icon } from './Icon';

export interface Toast {
  text: string;
  problem?: boolean;
  action?: { label: string; run: () => void; /** Ctrl+Z does it too */ undoes?: boolean };
  /** how long it stays */
  milliseconds?: number;
}

export interface Say {
  (toast: Toast): void;
  /** says what went wrong, in words */
  problem: (cause: unknown) => void;
}

const silent: Say = Object.assign(() => undefined, { problem: () => undefined });
const Context = createContext<Say>(silent);

export const useToasts = (): Say => useContext(Context);

const STAY = 6_000;
const STAY_PROBLEM = 12_000;
let lastKey = 0;

export function Toasts({ children }: { children: ReactNode }): JSX.Element {
  const [shown, setShown] = useState<(Toast & { key: number })[]>([]);
  const drop = useCallback((key: number) => setShown(now => now.filter(one => one.key !== key)), []);
  const say = useMemo<Say>(() => {
    const show = (toast: Toast): void => setShown(now => [...now.slice(-3), { ...toast, key: ++lastKey }]);
    return Object.assign(show, { problem: (cause: unknown) => show({ text: inWords(cause), problem: true }) });
  }, []);
  useUndoKey(shown, drop);
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => raise(host.current!, shown.length > 0), [shown]);
  return (
    <Context.Provider value={say}>
      {children}
      <div className="toasts" ref={host}>
        <div role="status" aria-live="polite">
          {shown.filter(one => !one.problem).map(one => <ToastCard key={one.key} toast={one} drop={() => drop(one.key)} />)}
        </div>
        <div role="alert">
          {shown.filter(one => one.problem).map(one => <ToastCard key={one.key} toast={one} drop={() => drop(one.key)} />)}
        </div>
      </div>
    </Context.Provider>
  );
}

/** Ctrl+Z takes back what the newest offer to undo is about, unless something is being typed. */
function useUndoKey(shown: readonly (Toast & { key: number })[], drop: (key: number) => void): void {
  useEffect(() => {
    const offer = shown.filter(one => one.action?.undoes).pop();
    if (!offer) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || (event.target as Element).closest('input,textarea')) return;
      event.preventDefault();
      offer.action!.run();
      drop(offer.key);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shown, drop]);
}

/** Above whatever dialog is open: the last one shown is on top. */
function raise(host: HTMLElement, any: boolean): void {
  host.popover = 'manual';
  if (host.matches(':popover-open')) host.hidePopover();
  if (any) host.showPopover();
}

function ToastCard({ toast, drop }: { toast: Toast; drop: () => void }): JSX.Element {
  const { text, problem, action, milliseconds = problem ? STAY_PROBLEM : STAY } = toast;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return; // somebody reads it, or is on the way to its button
    const timer = window.setTimeout(drop, milliseconds);
    return () => window.clearTimeout(timer);
    // The card lives as long as it was told when it came.
  }, [held]);
  return (
    <div
      className={problem ? 'toast problem' : 'toast'}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {problem && <Icon name="warning" />}
      <span>{text}</span>
      {action && (
        <button type="button" className="toast-action" onClick={() => { action.run(); drop(); }}>
          {action.label}
        </button>
      )}
      <IconButton icon="close" label={t('Dismiss')} onClick={drop} />
    </div>
  );
}
