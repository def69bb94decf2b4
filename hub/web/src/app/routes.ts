/** The addresses of the site, relative to where it is served. */

import { basePath } from '../api/http';
import { TARGETS, type Target } from '../opening/api';
import { basename, encodePath, parent, ROOT } from '../lib/paths';

export type Plain = 'inbox' | 'with-me' | 'by-me' | 'links' | 'devices' | 'deleted';

export type Route =
  | { view: 'files'; path: string; file: string | null }
  | { view: 'search'; query: string }
  | { view: Plain }
  | { view: 'classes'; code: string; id: string }
  | { view: 'share'; id: string; path: string; file: string | null }
  | { view: 'public'; token: string; path: string; file: string | null }
  | { view: 'open'; target: Target }
  | { view: 'gallery'; query: string; tag: string }
  | { view: 'missing' };

const PLAIN: Record<string, Plain> = {
  inbox: 'inbox',
  'shared-with-me': 'with-me',
  'shared-by-me': 'by-me',
  links: 'links',
  'settings/devices': 'devices',
  'deleted-files': 'deleted',
};

function decode(parts: string[]): string | null {
  try {
    return `/${parts.map(decodeURIComponent).join('/')}`;
  } catch {
    return null; // a stray % that nobody's link has
  }
}

/** @param address pathname and search, for example `/services/sync/files/a?file=b.txt` */
export function parse(address: string, base = basePath()): Route {
  const at = new URL(address, 'http://site');
  const parts = at.pathname.slice(base.length).split('/').filter(Boolean);
  const file = at.searchParams.get('file');
  const plain = PLAIN[parts.join('/')];
  if (plain) return { view: plain };
  if (!parts.length) return { view: 'files', path: ROOT, file };
  if (parts.join('/') === 'gallery') return { view: 'gallery', query: at.searchParams.get('q') ?? '', tag: at.searchParams.get('tag') ?? '' };
  if (parts.join('/') === 'open') return { view: 'open', target: targetOf(at.searchParams) };
  if (parts[0] === 'search') return { view: 'search', query: at.searchParams.get('q') ?? '' };
  if (parts.join('/') === 'classes') {
    return { view: 'classes', code: at.searchParams.get('code') ?? '', id: at.searchParams.get('class') ?? '' };
  }
  const path = decode(parts.slice(parts[0] === 'files' ? 1 : 2));
  if (path !== null && parts[0] === 'shared-with-me') return { view: 'share', id: parts[1], path, file };
  if (path !== null && parts[0] === 'files') return { view: 'files', path, file };
  if (path !== null && parts[0] === 's' && parts[1]) return { view: 'public', token: parts[1], path, file };
  return { view: 'missing' };
}

function withFile(address: string, file: string | null): string {
  return file === null ? address : `${address}?file=${encodeURIComponent(file)}`;
}

function galleryQuery({ query, tag }: { query: string; tag: string }): string {
  const text = new URLSearchParams({ ...(query && { q: query }), ...(tag && { tag }) }).toString();
  return text && `?${text}`;
}

function targetOf(query: URLSearchParams): Target {
  return Object.fromEntries(TARGETS.flatMap(name => (query.get(name) ? [[name, query.get(name)]] : [])));
}

function classQuery({ code, id }: { code: string; id: string }): string {
  if (id) return `?class=${encodeURIComponent(id)}`;
  return code && `?code=${encodeURIComponent(code)}`;
}

export function format(route: Route, base = basePath()): string {
  switch (route.view) {
    case 'files':
      return withFile(base + (route.path === ROOT ? '' : `files/${encodePath(route.path)}`), route.file);
    case 'public':
      return withFile(base + `s/${route.token}${route.path === ROOT ? '' : `/${encodePath(route.path)}`}`, route.file);
    case 'share':
      return withFile(base + `shared-with-me/${route.id}${route.path === ROOT ? '' : `/${encodePath(route.path)}`}`, route.file);
    case 'search':
      return `${base}search?q=${encodeURIComponent(route.query)}`;
    case 'classes':
      return `${base}classes${classQuery(route)}`;
    case 'open':
      return `${base}open?${new URLSearchParams({ ...route.target })}`;
    case 'gallery':
      return `${base}gallery${galleryQuery(route)}`;
    case 'missing':
      return base;
    default:
      return base + Object.keys(PLAIN).find(key => PLAIN[key] === route.view)!;
  }
}

export const folderRoute = (path: string): Route => ({ view: 'files', path, file: null });

/** A file's preview, over the folder it lies in. */
export const fileRoute = (path: string): Route => ({ view: 'files', path: parent(path), file: basename(path) });
