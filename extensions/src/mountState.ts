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

export type Sign = 'well' | 'sending' | 'away' | 'look';

/** The item in the status bar: a sign, a word or two, and what that means and how to go on. */
export interface MountStatus {
  readonly sign: Sign;
  readonly label: string;
  readonly title: string;
}

/** How the status bar shows a state of the mount; null when there is no mount to speak of. */
export function statusOf(mount: MountState): MountStatus | null {
  const { state, pending, message } = mount;
  if (mount.kind !== 'fuse' || state === 'unknown') {
    return null;
  }
  const count = pending === 1 ? '1 change' : `${pending} changes`;
  const more = message && ` ${message.replace(/\.?$/, '.')}`;
  if (state === 'offline') {
    const words = wordsFor(mount) ?? '';
    const how = 'Go on working: what you save is kept on this server and sent when it is over.';
    return { sign: 'away', label: pending ? `Offline, ${count} kept` : 'Offline', title: `${words} ${how}${more}` };
  }
  if (state === 'stopping') {
    return { sign: 'sending', label: `Stopping: sending ${count}`, title: `This server stops when all is sent.${more}` };
  }
  if (pending) {
    const title = `${count} on the way to your files. Closing this page does no harm.${more}`;
    return { sign: message ? 'look' : 'sending', label: `Sending ${count}`, title };
  }
  if (state === 'starting') {
    return { sign: 'sending', label: 'Files: starting', title: 'Your files are being mounted.' };
  }
  if (message) {
    return { sign: 'look', label: 'Files: please look', title: message };
  }
  return { sign: 'well', label: 'Files saved', title: 'Everything you saved is in your files, on every device.' };
}
