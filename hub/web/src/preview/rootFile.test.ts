import { afterEach, expect, it, vi } from 'vitest';
import { ESCAPE, serveFile, type Answered } from './rootFile';

afterEach(() => void vi.unstubAllGlobals());

const CONTENT = Uint8Array.from({ length: 100 }, (_, at) => at);

/** A file behind byte ranges, and the end of the port that the viewer has. */
function opened(ranges: boolean) {
  vi.stubGlobal('fetch', vi.fn(async (_address: string, init: RequestInit) => {
    const [from, to] = /bytes=(\d+)-(\d+)/.exec(new Headers(init.headers).get('Range')!)!.slice(1).map(Number);
    return ranges ? new Response(CONTENT.slice(from, to + 1), { status: 206 }) : new Response(CONTENT);
  }));
  const escaped = vi.fn();
  const channel = new MessageChannel();
  const stop = serveFile(channel.port1, '/file', escaped);
  const ask = (message: unknown): Promise<Answered> =>
    new Promise(resolve => {
      channel.port2.onmessage = event => resolve(event.data as Answered);
      channel.port2.postMessage(message);
    });
  return { ask, stop, port: channel.port2, escaped };
}

it.each([true, false])('gives the ranges asked for (server knows ranges: %s)', async ranges => {
  const { ask, stop } = opened(ranges);
  const answer = await ask({ id: 7, ranges: [[0, 4], [90, 10]] });
  if ('error' in answer) throw new Error(answer.error);
  expect(answer.id).toBe(7);
  expect(answer.buffers.map(buffer => [...new Uint8Array(buffer)])).toEqual([[0, 1, 2, 3], [90, 91, 92, 93, 94, 95, 96, 97, 98, 99]]);
  stop();
});

it('does nothing for what is not a question about ranges', async () => {
  const { port, ask, stop } = opened(true);
  for (const odd of [null, 'x', { id: 1 }, { id: 1, ranges: [['0', 4]] }, { id: 1, ranges: [[-1, 4]] }, { id: 1, url: '/etc' }]) port.postMessage(odd);
  await ask({ id: 2, ranges: [[0, 1]] });
  expect(fetch).toHaveBeenCalledTimes(1);
  stop();
});

it('hears Escape, which only the frame can', async () => {
  const { port, ask, stop, escaped } = opened(true);
  port.postMessage(ESCAPE);
  await ask({ id: 1, ranges: [[0, 1]] });
  expect(escaped).toHaveBeenCalledTimes(1);
  stop();
});
