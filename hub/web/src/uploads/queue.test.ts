import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import type { Put } from '../api/put';
import type { Listing, Node } from '../api/types';
import { UploadQueue, type Answer, type Hands } from './queue';

const node = (path: string): Node => ({
  id: path, name: path.slice(path.lastIndexOf('/') + 1), path, kind: 'file', size: 1, mtime: 0, etag: `of ${path}`, permissions: '', mime: '',
  share_types: [], owner: { id: 'a', display_name: 'A' },
});

/** A service that holds names, and a person who gives one answer. */
function hands(there: string[], said: Answer = 'skip', always = false) {
  const tree = new Set(there);
  const list = (path: string): Promise<Listing> => {
    const inside = [...tree].filter(one => one.slice(0, one.lastIndexOf('/')) === (path === '/' ? '' : path));
    return Promise.resolve({ node: node(path), children: inside.map(node) });
  };
  const put = vi.fn(async (path: string, _file: File, _how: Put) => {
    tree.add(path);
    return node(path);
  });
  const all = {
    list,
    put,
    makeFolder: vi.fn(async (path: string) => {
      tree.add(path);
      return node(path);
    }),
    ask: vi.fn(async () => ({ answer: said, always })),
    stored: vi.fn(),
  } satisfies Hands;
  return all;
}

const file = (name: string): File => new File(['x'], name);
const flat = (...names: string[]) => names.map(name => ({ folders: [], file: file(name) }));
const over = (queue: UploadQueue): Promise<void> => vi.waitFor(() => expect(queue.busy).toBe(false));
const states = (queue: UploadQueue): string[] => queue.snapshot().map(one => one.state);

describe('uploads', () => {
  it('store what is new and refuse to replace what appeared meanwhile', async () => {
    const service = hands([]);
    const queue = new UploadQueue(service);
    queue.add(flat('a', 'b', 'c', 'd', 'e'), '/');
    await over(queue);
    expect(states(queue)).toEqual(Array(5).fill('done'));
    expect(service.put.mock.calls.every(([, , how]) => how.replaces === null)).toBe(true);
    expect(service.ask).not.toHaveBeenCalled();
  });

  it.each([
    ['replace', ['/a.txt'], 'done'],
    ['both', ['/a (2).txt'], 'done'],
    ['skip', [], 'skipped'],
  ] as const)('ask where a name is taken: %s', async (said, stored, state) => {
    const service = hands(['/a.txt'], said);
    const queue = new UploadQueue(service);
    queue.add(flat('a.txt'), '/');
    await over(queue);
    expect(service.put.mock.calls.map(([path]) => path)).toEqual(stored);
    expect(states(queue)).toEqual([state]);
  });

  it('replace only what was seen, and say so when it has changed', async () => {
    const service = hands(['/a'], 'replace');
    service.put.mockRejectedValueOnce(new ApiError(412, 'precondition-failed', ''));
    const queue = new UploadQueue(service);
    queue.add(flat('a'), '/');
    await over(queue);
    expect(service.put.mock.calls[0][2].replaces).toBe('of /a');
    expect(queue.snapshot()[0].error).toMatch(/changed by somebody else/);
    queue.retry(queue.snapshot()[0].id);
    await over(queue);
    expect(service.ask).toHaveBeenCalledTimes(2);
  });

  it('ask once when told to do the same for all', async () => {
    const service = hands(['/a', '/b', '/c'], 'replace', true);
    const queue = new UploadQueue(service);
    queue.add(flat('a', 'b', 'c'), '/');
    await over(queue);
    expect(service.ask).toHaveBeenCalledTimes(1);
    expect(service.put).toHaveBeenCalledTimes(3);
  });

  it('make each folder once, and empty ones too', async () => {
    const service = hands(['/old']);
    const queue = new UploadQueue(service);
    queue.add(
      [
        { folders: ['old', 'new'], file: file('1') },
        { folders: ['old', 'new'], file: file('2') },
        { folders: ['old', 'empty'], file: null },
      ],
      '/',
    );
    await over(queue);
    expect(service.makeFolder.mock.calls.map(([path]) => path).sort()).toEqual(['/old/empty', '/old/new']);
    expect(service.put.mock.calls.map(([path]) => path).sort()).toEqual(['/old/new/1', '/old/new/2']);
  });

  it('say why one failed, go on with the others, and can be tried again', async () => {
    const service = hands([]);
    service.put.mockRejectedValueOnce(new Error('No room left.'));
    const queue = new UploadQueue(service);
    queue.add(flat('a', 'b'), '/');
    await over(queue);
    const [failed] = queue.snapshot().filter(one => one.state === 'failed');
    expect(failed.error).toBe('No room left.');
    queue.retry(failed.id);
    await over(queue);
    expect(states(queue)).toEqual(['done', 'done']);
  });

  it('can be cancelled on the way', async () => {
    const service = hands([]);
    service.put.mockImplementation((_path, _file, { signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    }));
    const queue = new UploadQueue(service);
    queue.add(flat('a', 'b', 'c', 'd'), '/');
    await vi.waitFor(() => expect(service.put).toHaveBeenCalledTimes(3));
    queue.cancelAll();
    await over(queue);
    expect(states(queue)).toEqual(Array(4).fill('cancelled'));
  });

  it('refuse a name that cannot be one', async () => {
    const queue = new UploadQueue(hands([]));
    queue.add(flat('ü'.repeat(200)), '/');
    await over(queue);
    expect(queue.snapshot()[0].error).toMatch(/255 bytes/);
  });
});
