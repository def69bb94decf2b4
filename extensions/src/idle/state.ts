/** What the hub says of this server; null while it does not run. */
export interface Idleness {
  /** Seconds that it may go unused; 0 for ever. */
  readonly allowed: number;
  /** Seconds since it was used. */
  readonly unused: number;
}

/** A notice comes this many seconds ahead, or earlier by no more than a quarter of what is allowed. */
const AHEAD = 600;

/** Seconds until the server is stopped, if that is soon; else null. */
export function secondsLeft(idleness: Idleness | null): number | null {
  if (!idleness || idleness.allowed === 0) {
    return null;
  }
  const left = idleness.allowed - idleness.unused;
  return left <= Math.min(AHEAD, idleness.allowed / 4) ? Math.max(0, left) : null;
}

/** Minutes and seconds, such as 4:05. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
