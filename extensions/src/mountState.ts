import { t, tn } from './texts';

/** What the notebook server says about the mount of the person's files. */
export interface MountState {
  readonly kind: string;
  readonly state: string;
  readonly pending: number;
  readonly message: string;
}

/** What to tell the person about a state of the mount; null when all is well. */
export function wordsFor({ state, pending, message }: MountState): string | null {
  const kept = pending
    ? tn('One change waits on this server and will be sent then.', '{n} changes wait on this server and will be sent then.', pending)
    : '';
  switch (state) {
    case 'offline':
      return together(t('Your files cannot be reached now; what was read before still opens.'), kept);
    case 'degraded':
      return message ? t(message) : together(t('Your files answer slowly or not at all now.'), kept);
    default:
      return null;
  }
}

const together = (...sentences: string[]): string => sentences.filter(Boolean).join(' ');

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
  const more = message && message.replace(/\.?$/, '.');
  if (state === 'offline') {
    const how = t('Go on working: what you save is kept on this server and sent when it is over.');
    return { sign: 'away', label: pending ? tn('Offline, {n} change kept', 'Offline, {n} changes kept', pending) : t('Offline'), title: together(wordsFor(mount) ?? '', how, more) };
  }
  if (state === 'stopping') {
    const label = tn('Stopping: sending {n} change', 'Stopping: sending {n} changes', pending);
    return { sign: 'sending', label, title: together(t('This server stops when all is sent.'), more) };
  }
  if (pending) {
    const sent = tn(
      '{n} change is on the way to your files. Closing this page does no harm.',
      '{n} changes are on the way to your files. Closing this page does no harm.',
      pending
    );
    const label = tn('Sending {n} change', 'Sending {n} changes', pending);
    return { sign: message ? 'look' : 'sending', label, title: together(sent, more) };
  }
  if (state === 'starting') {
    return { sign: 'sending', label: t('Files: starting'), title: t('Your files are being mounted.') };
  }
  if (message) {
    return { sign: 'look', label: t('Files: please look'), title: t(message) };
  }
  return { sign: 'well', label: t('Files saved'), title: t('Everything you saved is in your files, on every device.') };
}
