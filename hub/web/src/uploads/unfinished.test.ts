import { expect, it } from 'vitest';
import { UnfinishedUploads, type Unfinished } from './unfinished';

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return { getItem: key => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

const file = new File(['1234'], 'a.bin', { lastModified: 5_000 });
const upload: Unfinished = { id: 'u', path: '/a.bin', size: 4, modified: 5_000, received: 2, partSize: 2, begun: Date.now() };

it('finds what the very same file goes on with, even after the page was left', () => {
  const kept = storage();
  new UnfinishedUploads('ada', kept).keep(upload);
  const again = new UnfinishedUploads('ada', kept);
  expect(again.find('/a.bin', file)).toEqual(upload);
  expect(again.find('/b.bin', file)).toBeUndefined();
  expect(again.find('/a.bin', new File(['1234'], 'a.bin', { lastModified: 6_000 }))).toBeUndefined();
  expect(new UnfinishedUploads('bob', kept).snapshot()).toEqual([]);
  again.forget('u');
  expect(new UnfinishedUploads('ada', kept).snapshot()).toEqual([]);
});

it('forgets what the service has forgotten, and what it cannot read', () => {
  const kept = storage();
  new UnfinishedUploads('ada', kept).keep({ ...upload, begun: Date.now() - 25 * 3600 * 1000 });
  expect(new UnfinishedUploads('ada', kept).snapshot()).toEqual([]);
  kept.setItem('cygnet-uploads-ada', 'nonsense');
  expect(new UnfinishedUploads('ada', kept).snapshot()).toEqual([]);
});
