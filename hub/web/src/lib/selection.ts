/** Which entries of a list are chosen and which one the keyboard is on. Entries are named by keys. */

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  readonly active: string | null;
  /** where a range began */
  readonly anchor: string | null;
}

export const NOTHING: Selection = { chosen: new Set(), active: null, anchor: null };

export function only(key: string): Selection {
  return { chosen: new Set([key]), active: key, anchor: key };
}

export function all(keys: readonly string[], now: Selection): Selection {
  return { ...now, chosen: new Set(keys) };
}

export function toggle(now: Selection, key: string): Selection {
  const chosen = new Set(now.chosen);
  if (!chosen.delete(key)) chosen.add(key);
  return { chosen, active: key, anchor: key };
}

/** From the anchor to `key`, both included. */
export function range(now: Selection, keys: readonly string[], key: string): Selection {
  const from = Math.max(0, keys.indexOf(now.anchor ?? key));
  const to = keys.indexOf(key);
  const chosen = new Set(keys.slice(Math.min(from, to), Math.max(from, to) + 1));
  return { chosen, active: key, anchor: now.anchor ?? key };
}

/** The keyboard went `step` entries on (Infinity: to the end). */
export function step(now: Selection, keys: readonly string[], by: number, extend: boolean): Selection {
  if (!keys.length) return NOTHING;
  const at = now.active === null ? -1 : keys.indexOf(now.active);
  const wanted = at >= 0 || !Number.isFinite(by) ? at + by : by < 0 ? keys.length - 1 : 0;
  const key = keys[Math.min(keys.length - 1, Math.max(0, wanted))];
  return extend ? range(now, keys, key) : only(key);
}

/** What is left after the list changed. */
export function keep(now: Selection, keys: readonly string[]): Selection {
  const there = new Set(keys);
  const chosen = new Set([...now.chosen].filter(key => there.has(key)));
  const still = (key: string | null): string | null => (key !== null && there.has(key) ? key : null);
  return { chosen, active: still(now.active), anchor: still(now.anchor) };
}
