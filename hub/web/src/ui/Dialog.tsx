import { useEffect, useId, useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react';
import { t } from '@cygnet/texts';
import { IconButton } from './Button';

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/** Shows a `<dialog>` as long as it is in the page; then what had the focus before has it again. */
export function useModal(): RefObject<HTMLDialogElement> {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current!.showModal(), []);
  // Closed while it is still in the page: one that is only taken out gives no focus back.
  useLayoutEffect(() => {
    const dialog = element.current!;
    return () => dialog.close();
  }, []);
  return element;
}

/** A modal dialog; the browser's own element keeps the focus inside and closes on Escape. */
export function Dialog({ title, onClose, wide = false, children }: Props): JSX.Element {
  const element = useModal();
  const heading = useId();
  // Not the cross at the top, which the browser would take as the first thing.
  useEffect(() => element.current!.querySelector<HTMLElement>('[data-first]')?.focus(), [element]);
  return (
    <dialog
      ref={element}
      tabIndex={-1}
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
          <IconButton icon="close" label={t('Close')} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }): JSX.Element {
  return <footer className="dialog-actions">{children}</footer>;
}
