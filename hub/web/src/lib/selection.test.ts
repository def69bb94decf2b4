import { describe, expect, it } from 'vitest';
import { all, keep, NOTHING, only, range, step, toggle } from './selection';

const KEYS = ['a', 'b', 'c', 'd'];
const chosen = (now: { chosen: ReadonlySet<string> }): string => [...now.chosen].sort().join('');

describe('selection', () => {
  it('begins with the first entry, or with the last going up', () => {
    expect(step(NOTHING, KEYS, 1, false).active).toBe('a');
    expect(step(NOTHING, KEYS, -1, false).active).toBe('d');
    expect(step(NOTHING, KEYS, Infinity, false).active).toBe('d');
    expect(step(NOTHING, KEYS, -Infinity, false).active).toBe('a');
  });

  it('stays inside the list', () => {
    expect(step(only('d'), KEYS, 1, false).active).toBe('d');
    expect(step(only('b'), KEYS, -Infinity, false).active).toBe('a');
    expect(step(only('b'), KEYS, Infinity, false).active).toBe('d');
    expect(step(only('b'), [], 1, false)).toBe(NOTHING);
  });

  it('grows and shrinks from where it began', () => {
    let now = only('b');
    now = step(now, KEYS, 1, true);
    now = step(now, KEYS, 1, true);
    expect(chosen(now)).toBe('bcd');
    now = step(now, KEYS, -1, true);
    expect(chosen(now)).toBe('bc');
    expect(chosen(range(now, KEYS, 'a'))).toBe('ab');
  });

  it('takes and leaves single entries', () => {
    const now = toggle(toggle(only('a'), 'c'), 'a');
    expect(chosen(now)).toBe('c');
    expect(now.active).toBe('a');
  });

  it('forgets what is gone', () => {
    const now = keep(all(KEYS, only('d')), ['a', 'b']);
    expect(chosen(now)).toBe('ab');
    expect(now.active).toBeNull();
  });
});
