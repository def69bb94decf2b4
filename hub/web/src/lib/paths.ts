/** Paths of a tree: "/", "/a/b"; never a slash at the end but for the root. */

import { t } from '@cygnet/texts';
export const ROOT = '/';

export function join(folder: string, name: string): string {
  return folder === ROOT ? `/${name}` : `${folder}/${name}`;
}

export function parent(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? ROOT : path.slice(0, cut);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function segments(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** Whether `path` is `folder` or lies below it. */
export function within(path: string, folder: string): boolean {
  return folder === ROOT || path === folder || path.startsWith(`${folder}/`);
}

/** For an address: each part encoded, the slashes kept. */
export function encodePath(path: string): string {
  return segments(path).map(encodeURIComponent).join('/');
}

/** "a.tar.gz" is "a" and ".tar.gz"; a leading dot belongs to the stem. */
export function splitExtension(name: string): [stem: string, extension: string] {
  const found = /^(.+?)((?:\.tar)?\.[^.\s]{1,12})$/.exec(name);
  return found ? [found[1], found[2]] : [name, ''];
}

/** `name`, or the first of "name (2)", "name (3)" that `taken` does not hold. */
export function freeName(name: string, taken: Pick<ReadonlySet<string>, 'has'>): string {
  if (!taken.has(name.normalize())) return name;
  const [stem, extension] = splitExtension(name);
  for (let n = 2; ; n++) {
    const candidate = `${stem} (${n})${extension}`;
    if (!taken.has(candidate.normalize())) return candidate;
  }
}

const LONGEST_NAME = 255; // bytes; what file systems and the service take

/** Why `name` cannot be a file's name, in words; null when it can. */
export function nameProblem(name: string): string | null {
  if (!name.trim()) return t('Give it a name.');
  if (name === '.' || name === '..') return t('“{name}” cannot be a name.', { name });
  if (name.includes('/')) return t('A name cannot contain “/”.');
  if (/[\u0000-\u001f\u007f]/.test(name)) return t('A name cannot contain control characters.');
  if (new TextEncoder().encode(name).length > LONGEST_NAME) return t('This name is too long: at most 255 bytes.');
  return null;
}
