import { mark, number, t } from './index';

// Made when it is first needed: the texts are not there yet when this file is read.
const units = (): readonly string[] => [mark('{value} B'), mark('{value} kB'), mark('{value} MB'), mark('{value} GB'), mark('{value} TB'), mark('{value} PB')];

/** A number of bytes as people read it. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  const sizes = units();
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return t(sizes[unit] ?? '', { value: number(value, { maximumFractionDigits: digits }) });
}
