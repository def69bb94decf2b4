import { mark, number, t } from './index';

const UNITS = [mark('{value} B'), mark('{value} kB'), mark('{value} MB'), mark('{value} GB'), mark('{value} TB'), mark('{value} PB')];

/** A number of bytes as people read it. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return t(UNITS[unit] ?? '', { value: number(value, { maximumFractionDigits: digits }) });
}
