import { describe, expect, it } from 'vitest';
import { basename, encodePath, freeName, join, nameProblem, parent, splitExtension, within } from './paths';

describe('paths', () => {
  it('go down and up again', () => {
    for (const path of ['/a', '/a/b', '/ä ö/%/#?', '/a/b/c.tar.gz']) expect(join(parent(path), basename(path))).toBe(path);
    expect(parent('/')).toBe('/');
  });

  it('know what lies below what, by whole names', () => {
    expect(within('/ab', '/a')).toBe(false);
    expect(within('/a/b', '/a')).toBe(true);
    expect(within('/a', '/a')).toBe(true);
    expect(within('/anything', '/')).toBe(true);
  });

  it('are encoded part by part', () => {
    expect(encodePath('/50 %/a#b?.txt')).toBe('50%20%25/a%23b%3F.txt');
  });
});

describe('names', () => {
  it('keep double extensions whole and leading dots in the stem', () => {
    expect(splitExtension('a.tar.gz')).toEqual(['a', '.tar.gz']);
    expect(splitExtension('.bashrc')).toEqual(['.bashrc', '']);
    expect(splitExtension('a.b.ipynb')).toEqual(['a.b', '.ipynb']);
  });

  it('are made free by the first number that is', () => {
    expect(freeName('x.ipynb', new Set())).toBe('x.ipynb');
    expect(freeName('x.ipynb', new Set(['x.ipynb', 'x (2).ipynb']))).toBe('x (3).ipynb');
  });

  it('count as taken in any Unicode form', () => {
    expect(freeName('caf\u0065\u0301', new Set(['caf\u00e9']))).toBe('caf\u0065\u0301 (2)');
  });

  it.each(['', '  ', '.', '..', 'a/b', 'a\u0000', 'a\nb', 'ü'.repeat(128)])('%j is refused in words', name => {
    expect(nameProblem(name)).toMatch(/\w+ \w+/);
  });

  it.each(['a', '...', 'ü'.repeat(127), '<b>&"', 'a\\b'])('%j is fine', name => {
    expect(nameProblem(name)).toBeNull();
  });
});
