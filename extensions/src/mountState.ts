/** What the notebook server says about the mount of the person's files. */
export interface MountState {
  readonly kind: string;
  readonly state: string;
  readonly pending: number;
  readonly message: string;
}

/** What to tell the person about a state of the mount; null when all is well. */
export function wordsFor({ state, pending, message }: MountState): string | null {
  const waiting = pending === 1 ? 'One change waits' : `${pending} changes wait`;
  const kept = pending ? ` ${waiting} on this server and will be sent then.` : '';
  switch (state) {
    case 'offline':
      return `Your files cannot be reached now; what was read before still opens.${kept}`;
    case 'degraded':
      return message || `Your files answer slowly or not at all now.${kept}`;
    default:
      return null;
  }
}
