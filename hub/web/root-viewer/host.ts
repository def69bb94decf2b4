/** What the page around the frame knows and does: where the file is for code, and a notebook to put code into. */

import { codeFor, type Place } from './code';

/** What the page says at the beginning, and some of it again when it changes. */
export interface Told {
  dark?: boolean;
  /** What uproot opens, seen from the notebook; nothing where there are no notebooks. */
  address?: string;
  /** English texts with those of another language. */
  texts?: Record<string, string>;
}

let told: Told = {};
let port: MessagePort | null = null;

export function connect(to: MessagePort): void {
  port = to;
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => hear(data as Told));
}

export function hear(news: Told): void {
  told = { ...told, ...news };
  document.documentElement.classList.toggle('dark', told.dark === true);
}

/** A text in the language of the page around. */
export function say(english: string, values: Record<string, string> = {}): string {
  return (told.texts?.[english] ?? english).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

export const takesCode = (): boolean => told.address !== undefined;

/** Puts code into the notebook. */
export function insert(place: Place): void {
  port?.postMessage({ insert: codeFor(place, told.address ?? '') });
}

const ENOUGH = 6; // pixels that make a drag out of a click

/**
 * Lets something be dragged into a notebook. The pointer is followed by hand: browsers let nothing be dragged
 * natively out of a frame of another origin.
 */
export function draggable(element: HTMLElement, place: Place): void {
  element.addEventListener('pointerdown', down => {
    if (down.button !== 0 || down.pointerType === 'touch') return; // a finger scrolls
    down.stopPropagation();
    follow(element, down, codeFor(place, told.address ?? ''));
  });
}

function follow(element: HTMLElement, down: PointerEvent, code: string): void {
  const listening = new AbortController();
  const { signal } = listening;
  let moving = false;
  const tell = (event: PointerEvent, end?: 'dropped' | 'given up'): void =>
    port?.postMessage({ drag: { code, x: event.clientX, y: event.clientY, end } });
  const move = (event: PointerEvent): void => {
    if (!(event.buttons & 1)) {
      finish('given up')(event); // it was let go outside, which is not always told here
      return;
    }
    if (!moving && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < ENOUGH) return;
    if (!moving) element.setPointerCapture(down.pointerId);
    moving = true;
    tell(event);
  };
  const finish = (end: 'dropped' | 'given up') => (event: PointerEvent) => {
    listening.abort();
    if (!moving) return;
    tell(event, end);
    // What was dragged was not clicked.
    element.addEventListener('click', click => click.stopImmediatePropagation(), { once: true, capture: true });
    setTimeout(() => element.dispatchEvent(new Event('click')));
  };
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', finish('dropped'), { signal });
  element.addEventListener('pointercancel', finish('given up'), { signal });
  const escape = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') finish('given up')(down);
  };
  window.addEventListener('keydown', escape, { signal });
}
