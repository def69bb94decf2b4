import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './Button';

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/** A modal dialog; the browser's own element keeps the focus inside, closes on Escape and gives focus back. */
export function Dialog({ title, onClose, wide = false, children }: Props): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    element.current!.showModal();
    // Not the cross at the top, which the browser would take as the first thing.
    element.current!.querySelector<HTMLElement>('[data-first]')?.focus();
  }, []);
  return (
    <dialog
      ref={element}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={heading}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={event => event.stopPropagation()}
      onMouseDown={event => event.target === element.current && onClose()}
    >
      <div className="dialog-inner">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }): JSX.Element {
  return <footer className="dialog-actions">{children}</footer>;
}
