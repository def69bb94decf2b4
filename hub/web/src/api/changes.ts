/** The service's feed of changes: what somebody, or another device, changed in this person's tree. */

import { url } from './http';
import type { Change } from './types';

export interface Ears {
  changed: (change: Change) => void;
  /** too much was missed: everything shown may be out of date */
  reset: () => void;
}

/**
 * Listens while the page is seen. Browsers keep six connections to a server for all tabs together, so a
 * hidden tab gives its one back and asks for what it missed when it is seen again.
 */
export function listen(ears: Ears): () => void {
  let source: EventSource | null = null;
  let cursor: string | undefined;

  const open = (): void => {
    if (document.hidden || source) return;
    source = new EventSource(url('changes', { cursor }));
    source.addEventListener('hello', event => {
      cursor ??= (JSON.parse(event.data as string) as { cursor: string }).cursor;
    });
    source.addEventListener('change', event => {
      cursor = event.lastEventId || cursor;
      ears.changed(JSON.parse(event.data as string) as Change);
    });
    source.addEventListener('reset', () => {
      cursor = undefined;
      close();
      ears.reset();
      open();
    });
  };
  const close = (): void => {
    source?.close();
    source = null;
  };
  const seen = (): void => (document.hidden ? close() : open());

  open();
  document.addEventListener('visibilitychange', seen);
  return () => {
    document.removeEventListener('visibilitychange', seen);
    close();
  };
}
