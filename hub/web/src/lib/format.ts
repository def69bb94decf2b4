/** Numbers and dates as people read them, in their language. */

import { locale, mark, number, t, tn } from '@cygnet/texts';

const UNITS = [mark('{value} B'), mark('{value} kB'), mark('{value} MB'), mark('{value} GB'), mark('{value} TB'), mark('{value} PB')];

export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return t(UNITS[unit], { value: number(value, { maximumFractionDigits: digits }) });
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "5 minutes ago", "yesterday", then a date. `seconds` since 1970. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const past = now - seconds;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (Math.abs(past) < MINUTE) return t('just now');
  if (past < 0 || past >= 7 * DAY) return date(seconds);
  if (past < HOUR) return words.format(-Math.floor(past / MINUTE), 'minute');
  if (past < DAY) return words.format(-Math.floor(past / HOUR), 'hour');
  return words.format(-Math.floor(past / DAY), 'day');
}

export function date(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString(locale(), { day: 'numeric', month: 'short', year: 'numeric' });
}

export function dateTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(locale(), { dateStyle: 'long', timeStyle: 'short' });
}

export const items = (n: number): string => tn('{n} item', '{n} items', n);
