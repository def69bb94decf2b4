import { afterEach, expect, it, vi } from 'vitest';
import { transferAll } from './transferAll';

afterEach(() => void vi.unstubAllGlobals());

/** A service that refuses some sources with a status; what was asked for, in order. */
function service(refused: Record<string, number>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const { source } = JSON.parse(init.body as string) as { source: string };
    asked.push(source);
    const status = refused[source] ?? 200;
    return new Response(status === 200 ? '{}' : JSON.stringify({ error: { code: 'x', message: `No ${source}.` } }), { status });
  });
  return asked;
}

const move = (paths: string[]) =>
  transferAll({ how: 'move', paths, folder: '/to', taken: new Set(), ask: async () => ({ answer: 'skip', always: false }) });

it('goes on after one that failed, and says why at the end', async () => {
  const asked = service({ '/b': 423 });
  expect(await move(['/a', '/b', '/c'])).toEqual({ done: [['/a', '/to/a'], ['/c', '/to/c']], failed: [['/b', 'No /b.']] });
  expect(asked).toEqual(['/a', '/b', '/c']);
});

it('stops when nothing else would work either', async () => {
  const asked = service({ '/b': 401 });
  expect((await move(['/a', '/b', '/c'])).failed).toEqual([['/b', 'No /b.']]);
  expect(asked).toEqual(['/a', '/b']);
});
