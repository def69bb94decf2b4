/** Keeps the keyboard in its place: when what has the focus goes away, Tab would begin at the top of the page. */

function place(): HTMLElement | null {
  const dialog = [...document.querySelectorAll('dialog[open]')].pop();
  if (dialog) return dialog.querySelector<HTMLElement>('[data-first]:enabled') ?? (dialog as HTMLElement);
  return document.querySelector<HTMLElement>('main [role=grid]') ?? document.querySelector('main');
}

/**
 * Gives the focus to the dialog, the list or the view in which the element was that had it.
 *
 * @returns how to stop that
 */
export function keepFocus(): () => void {
  let last: Element | null = null;
  let awaited = false; // the list that takes the place of the one that went away
  const seen = (event: FocusEvent): void => {
    last = event.target as Element;
    awaited = false;
  };
  const look = (): void => {
    const lost = last !== null && !last.isConnected && document.activeElement === document.body;
    if (!lost && !awaited) return;
    const goal = place();
    if (goal && goal !== document.activeElement) goal.focus({ preventScroll: true });
    awaited = goal?.localName === 'main';
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', seen);
  return () => {
    watcher.disconnect();
    document.removeEventListener('focusin', seen);
  };
}
