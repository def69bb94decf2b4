/** Numbers and dates as people read them, in their language. */

import { locale, t, tn } from '@cygnet/texts';

export { size } from '@cygnet/texts';

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
