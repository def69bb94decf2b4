import { describe, expect, it } from 'vitest';
import { clock, secondsLeft } from '../src/idle/state';

describe('secondsLeft', () => {
  it('tells ten minutes ahead, or a quarter of a short time', () => {
    expect(secondsLeft({ allowed: 14_400, unused: 13_700 })).toBeNull();
    expect(secondsLeft({ allowed: 14_400, unused: 13_801 })).toBe(599);
    expect(secondsLeft({ allowed: 60, unused: 40 })).toBeNull();
    expect(secondsLeft({ allowed: 60, unused: 50 })).toBe(10);
    expect(secondsLeft({ allowed: 60, unused: 70 })).toBe(0);
  });

  it('tells nothing where a server may go unused for ever, or does not run', () => {
    expect(secondsLeft({ allowed: 0, unused: 1e9 })).toBeNull();
    expect(secondsLeft(null)).toBeNull();
  });
});

describe('clock', () => {
  it('shows minutes and seconds', () => {
    expect(clock(599)).toBe('9:59');
    expect(clock(4.2)).toBe('0:05');
    expect(clock(-3)).toBe('0:00');
  });
});
