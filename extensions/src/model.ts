import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import { isInside } from './paths';
import { type Share, type SharingClient, messageOf } from './sharing';

// Asking the notebook server whether something changed is cheap: it follows the service's feed of changes.
const EVERY_MS = 3_000;
const AT_MOST_MS = 60_000;

/** What is shared with the person and by the person, asked for again while the page is looked at. */
export class SharingModel implements IDisposable {
  /**
   * @param client where to ask
   * @param version asks for a number that is another one when the lists may have changed
   */
  constructor(
    readonly client: SharingClient,
    private readonly version: () => Promise<number>
  ) {
    this.poll = new Poll({
      name: '@cygnet/extensions:shares',
      factory: () => this.check(),
      frequency: { interval: EVERY_MS, backoff: true, max: AT_MOST_MS },
      standby: 'when-hidden'
    });
  }

  /** Shares of others with the person; null until the first answer. */
  get received(): readonly Share[] | null {
    return this.lists?.received ?? null;
  }

  /** Shares of the person with others, links among them; null until the first answer. */
  get given(): readonly Share[] | null {
    return this.lists?.given ?? null;
  }

  /** Why the lists could not be brought up to date, in words. */
  get error(): string | null {
    return this.failure;
  }

  /** The lists or the error are different now. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  /** Somebody shared something that was not in the list before. */
  get arrived(): ISignal<this, Share> {
    return this.arrivedSignal;
  }

  /** The share that the item at a path of the service came with. */
  shareAt(path: string): Share | undefined {
    return this.received?.find(share => share.path !== null && isInside(path, share.path));
  }

  /** Ask again now; what fails is told by `error`. */
  async refresh(): Promise<void> {
    await this.load().catch((reason: unknown) => this.fail(reason));
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  dispose(): void {
    this.poll.dispose();
    Signal.clearData(this);
  }

  private readonly poll: Poll;
  private readonly changedSignal = new Signal<this, void>(this);
  private readonly arrivedSignal = new Signal<this, Share>(this);
  private lists: { received: readonly Share[]; given: readonly Share[] } | null = null;
  private failure: string | null = null;
  private asked = 0;
  private seen: number | null = null;

  private async check(): Promise<void> {
    try {
      const version = await this.version();
      if (version !== this.seen || this.failure !== null) {
        await this.load();
        this.seen = version;
      }
    } catch (reason) {
      this.fail(reason);
      throw reason; // lets the poll wait longer each time
    }
  }

  private async load(): Promise<void> {
    const number = ++this.asked;
    const [received, given, links] = await Promise.all([
      this.client.shares('with-me'),
      this.client.shares('by-me'),
      this.client.shares('links')
    ]);
    if (number === this.asked) {
      this.show(received, withoutTwins([...given, ...links]));
    }
  }

  private fail(reason: unknown): void {
    this.failure = messageOf(reason);
    this.changedSignal.emit();
  }

  private show(received: readonly Share[], given: readonly Share[]): void {
    const before = this.lists;
    const lists = { received, given };
    if (this.failure === null && JSON.stringify(before) === JSON.stringify(lists)) {
      return;
    }
    this.lists = lists;
    this.failure = null;
    this.changedSignal.emit();
    const known = new Set(before?.received.map(share => share.id));
    for (const share of before ? received : []) {
      if (!known.has(share.id) && share.state === 'pending') {
        this.arrivedSignal.emit(share);
      }
    }
  }
}

function withoutTwins(shares: readonly Share[]): Share[] {
  return [...new Map(shares.map(share => [share.id, share])).values()];
}
