import { expect, it } from 'vitest';
import { fileRoute, folderRoute, format, parse, type Route } from './routes';

const ROUTES: Route[] = [
  folderRoute('/'),
  folderRoute('/a/50 % #1?/ü'),
  fileRoute('/x.ipynb'),
  fileRoute('/a b/x&y=z.txt'),
  { view: 'search', query: 'a&b #' },
  { view: 'with-me' },
  { view: 'by-me' },
  { view: 'links' },
  { view: 'devices' },
  { view: 'deleted' },
  { view: 'classes', code: '', id: '' },
  { view: 'classes', code: 'a b&c', id: '' },
  { view: 'classes', code: '', id: '17' },
  { view: 'inbox' },
  { view: 'gallery', query: '', tag: '' },
  { view: 'gallery', query: 'a b&c', tag: 'x/y' },
  { view: 'open', target: { gallery: '17' } },
  { view: 'open', target: { file: '17' } },
  { view: 'open', target: { path: '/a b/x&y.ipynb', link: 'AbC123', environment: 'lcg 108' } },
  { view: 'share', id: '17', path: '/', file: null },
  { view: 'share', id: '17', path: '/week 1', file: 'x.pdf' },
  { view: 'public', token: 'AbC123', path: '/', file: null },
  { view: 'public', token: 'AbC123', path: '/week 1', file: 'x.pdf' },
];

it.each(ROUTES)('address of %j leads back to it, at any prefix', route => {
  for (const base of ['/services/sync/', '/', '/deep/down/']) expect(parse(format(route, base), base)).toEqual(route);
});

it('says when there is no such page', () => {
  expect(parse('/services/sync/nonsense', '/services/sync/')).toEqual({ view: 'missing' });
  expect(parse('/services/sync/files/%zz', '/services/sync/')).toEqual({ view: 'missing' });
});
