/** An answer that was no success, with words that can be shown to a person. */
import { mark, t } from '../texts';
export class SharingError extends Error {
  /**
   * @param code what kind of failure, for a program: `quota-exceeded`, `unreachable` ...
   * @param message the same in words
   */
  constructor(
    readonly code: string,
    message: string
  ) {
    super(message);
    this.name = 'SharingError';
  }
}

const WORDS: Readonly<Record<number, string>> = {
  401: mark('Your login has ended. Reload the page to log in again.'),
  403: mark('You are not allowed to do this.'),
  404: mark('This is no longer there.'),
  429: mark('Too many requests. Wait a moment and try again.'),
  507: mark('There is not enough space left.')
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function fromBody(body: unknown): SharingError | null {
  const error = isRecord(body) ? body['error'] : null;
  if (!isRecord(error) || typeof error['message'] !== 'string' || !error['message']) {
    return null;
  }
  return new SharingError(typeof error['code'] === 'string' ? error['code'] : 'failed', error['message']);
}

/** The service's own words where it gave some, else ours for the status. */
export async function errorOf(response: Response): Promise<SharingError> {
  // A proxy in between may answer with a page instead of JSON.
  const body: unknown = await response.json().catch(() => null);
  const known = WORDS[response.status];
  const words = known ? t(known) : t('The service could not do this (it answered {status}). Try again.', { status: response.status });
  return fromBody(body) ?? new SharingError(`http-${response.status}`, words);
}

/** What to show for anything that was thrown. */
export function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
