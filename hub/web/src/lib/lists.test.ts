import { describe, expect, it } from 'vitest';
import type { Node } from '../api/types';
import { ago, size } from './format';
import { kindOf } from './kinds';
import { clicked, sorted } from './sort';

const node = (name: string, part: Partial<Node> = {}): Node => ({
  id: name, name, path: `/${name}`, kind: 'file', size: 0, mtime: 0, etag: '', permissions: '', mime: '', share_types: [],
  owner: { id: 'a', display_name: 'A' }, ...part,
});

describe('sorting', () => {
  const nodes = [node('run10', { size: 1 }), node('Run2', { size: 5 }), node('z', { kind: 'folder' }), node('a', { size: 5 })];

  it('puts folders first and counts numbers in names', () => {
    expect(sorted(nodes, { by: 'name', descending: false }).map(one => one.name)).toEqual(['z', 'a', 'Run2', 'run10']);
  });

  it('falls back to names', () => {
    expect(sorted(nodes, { by: 'size', descending: true }).map(one => one.name)).toEqual(['z', 'Run2', 'a', 'run10']);
  });

  it('turns round on a second click; dates and sizes begin with the largest', () => {
    expect(clicked({ by: 'name', descending: false }, 'name').descending).toBe(true);
    expect(clicked({ by: 'name', descending: false }, 'size')).toEqual({ by: 'size', descending: true });
  });
});

describe('words', () => {
  it('sizes', () => {
    expect(size(0)).toBe('0 B');
    expect(size(999_999)).toBe('1 MB');
    expect(size(1_500)).toMatch(/^1[.,]5 kB$/);
  });

  it('times', () => {
    expect(ago(1_000, 1_030)).toBe('just now');
    expect(ago(0, 300)).toContain('5');
    expect(ago(0, 30 * 86_400)).toContain('1970');
  });

  it('kinds go by the name, then by the type', () => {
    expect(kindOf(node('a.ipynb', { mime: 'application/json' }))).toBe('notebook');
    expect(kindOf(node('x', { mime: 'image/png' }))).toBe('image');
    expect(kindOf(node('a.pdf', { kind: 'folder' }))).toBe('folder');
    expect(kindOf(node('core'))).toBe('other');
  });
});
