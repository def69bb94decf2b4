import { expect, it, vi } from 'vitest';
import { Vanished } from './vanished';

it('hides and shows, each group for itself', () => {
  const vanished = new Vanished();
  const heard = vi.fn();
  vanished.subscribe(heard);
  const one = vanished.hide(['/a', '/b']);
  const two = vanished.hide(['/b', '/c']);
  expect([...vanished.snapshot()].sort()).toEqual(['/a', '/b', '/c']);
  one();
  one();
  expect([...vanished.snapshot()].sort()).toEqual(['/b', '/c']);
  two();
  expect(vanished.snapshot().size).toBe(0);
  expect(heard).toHaveBeenCalledTimes(4);
});
