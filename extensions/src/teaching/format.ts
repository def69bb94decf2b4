import { locale } from '../texts';
import type { Handout, Standing } from './types';

/** A moment as people read it; `seconds` since 1970. */
export function moment(seconds: number | null): string {
  const style = { dateStyle: 'medium', timeStyle: 'short' } as const;
  return seconds === null ? '' : new Date(seconds * 1000).toLocaleString(locale(), style);
}

/** What a field for date and time holds, as seconds since 1970; empty: none. */
export function fromField(text: string): number | null {
  const value = new Date(text).getTime() / 1000;
  return Number.isFinite(value) ? value : null;
}

export function toField(seconds: number | null): string {
  if (seconds === null) return '';
  const day = new Date(seconds * 1000);
  return new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const COLUMNS: readonly (readonly [string, (one: Standing) => string])[] = [
  ['account', one => one.user],
  ['name', one => one.display_name],
  ['due', one => iso(one.due)],
  ['opened', one => iso(one.opened)],
  ['worked', one => iso(one.worked)],
  ['submitted', one => iso(one.submission?.made ?? null)],
  ['late', one => (one.submission ? String(one.submission.late) : '')],
  ['mark', one => one.submission?.mark ?? ''],
  ['comment', one => one.submission?.comment ?? ''],
  ['sha256', one => one.submission?.sha256 ?? '']
];

const iso = (seconds: number | null): string => (seconds === null ? '' : new Date(seconds * 1000).toISOString());

/** The overview of a handout for a spreadsheet; nothing in it is taken for a formula. */
export function overview(handout: Handout): string {
  const rows = [COLUMNS.map(([name]) => name), ...handout.students.map(one => COLUMNS.map(([, value]) => value(one)))];
  return rows.map(row => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
