import { expect, it } from 'vitest';
import { parseCsv, separatorOf } from './csv';

it('reads quotes, doubled quotes, separators and line ends inside quotes', () => {
  expect(parseCsv('a,"b,1","c ""x"""\r\n1,"two\nlines",\n', 10)).toEqual([
    ['a', 'b,1', 'c "x"'],
    ['1', 'two\nlines', ''],
  ]);
});

it('finds the separator in the first line, outside quotes', () => {
  expect(separatorOf('a;b;c\n1,2,3,4')).toBe(';');
  expect(separatorOf('"a,b,c"\td')).toBe('\t');
});

it('stops at the limit and needs no line end at the end', () => {
  expect(parseCsv('a\nb\nc', 2)).toEqual([['a'], ['b']]);
  expect(parseCsv('a\nb', 9)).toEqual([['a'], ['b']]);
  expect(parseCsv('', 9)).toEqual([]);
});

it('gives back whatever was quoted into it', () => {
  const cells = ['', '"', '""', ',', '\n', 'a"b', ' x '];
  const rows = cells.map(one => cells.map(other => one + other + 'z'));
  const text = rows.map(row => row.map(cell => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n');
  expect(parseCsv(text, 100, ',')).toEqual(rows);
});
