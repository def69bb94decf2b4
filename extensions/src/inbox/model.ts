import { messageOf } from '../sharing';
import type { InboxClient } from './client';
import type { InboxState, Notice } from './types';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface Shown {
  /** The newest first; null until the first answer. */
  readonly notices: readonly Notice[] | null;
  readonly unread: number;
  readonly error: string | null;
}

/** A person's inbox, brought up to date as soon as the service says that it changed. */
export class InboxModel {
  constructor(private readonly client: InboxClient) {}

  /** Called with each notice that came while this was listening. */
  arrived: (notice: Notice) => void = () => undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Shown => this.shown;

  /**
   * Listens while the page is seen: browsers keep six connections to a server for all tabs together.
   *
   * @returns how to stop
   */
  start(): () => void {
    const seen = (): void => (document.hidden ? this.close() : this.open());
    document.addEventListener('visibilitychange', seen);
    seen();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      this.close();
    };
  }

  /** @param ids null: all of them */
  async mark(ids: readonly string[] | null, read: boolean): Promise<void> {
    const before = this.shown;
    const notices = before.notices?.map(one => (ids === null || ids.includes(one.id) ? { ...one, read } : one)) ?? null;
    this.show({ notices, unread: notices?.filter(one => !one.read).length ?? 0, error: null });
    try {
      await this.client.mark(ids, read);
    } catch (reason) {
      this.show({ ...before, error: messageOf(reason) });
    }
  }

  private readonly listeners = new Set<() => void>();
  private shown: Shown = { notices: null, unread: 0, error: null };
  private version = -1;
  private newest = Infinity;
  private listening: AbortController | null = null;

  private open(): void {
    if (!this.listening) {
      this.listening = new AbortController();
      void this.listen(this.listening.signal);
    }
  }

  private close(): void {
    this.listening?.abort();
    this.listening = null;
  }

  private async listen(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.client.follow(state => {
          pause = FIRST_PAUSE_MS;
          void this.hear(state);
        }, signal);
      } catch (reason) {
        // Without the service there are no news; the page tells of that by other means.
        console.debug('Cygnet: the inbox is asked for again.', reason);
      }
      await new Promise(resolve => setTimeout(resolve, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  private async hear(state: InboxState): Promise<void> {
    if (state.version === this.version && this.shown.notices) {
      return;
    }
    try {
      const inbox = await this.client.inbox();
      if (inbox.version >= this.version) {
        this.version = inbox.version;
        this.show({ notices: inbox.notices, unread: inbox.unread, error: null });
        this.tell(inbox.notices);
      }
    } catch (reason) {
      this.show({ ...this.shown, error: messageOf(reason) });
    }
  }

  private tell(notices: readonly Notice[]): void {
    const known = this.newest;
    this.newest = Math.max(0, ...notices.map(one => Number(one.id)));
    notices.filter(one => Number(one.id) > known && !one.read).forEach(one => this.arrived(one));
  }

  private show(shown: Shown): void {
    this.shown = shown;
    this.listeners.forEach(listener => listener());
  }
}
