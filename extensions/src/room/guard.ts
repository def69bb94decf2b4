import { type ISignal, Signal } from '@lumino/signaling';
import type { Contents } from '@jupyterlab/services';
import { isReceived, servicePath } from '../paths';
import type { RoomCheck } from '../saves/drive';
import type { Quota } from './types';

/** A document for which there is no room; `needed` bytes are missing, null if that is not known. */
export interface NoRoom {
  readonly localPath: string;
  readonly needed: number | null;
}

/** Calls a save off that would fail for want of room, before anything is written. */
export class RoomGuard implements RoomCheck {
  /** @param ask asks for the quota as it is now */
  constructor(private readonly ask: () => Promise<Quota>) {}

  /** There is no room for a document; null when it was saved after all. */
  get told(): ISignal<this, NoRoom | null> {
    return this.toldSignal;
  }

  /** The quota as it was last heard of. */
  quota: Quota | null = null;

  async check(localPath: string, { content, type }: Partial<Contents.IModel>, before: number): Promise<void> {
    if (type === 'directory' || isReceived(servicePath(localPath))) {
      return; // what lies in somebody else's files takes of their room
    }
    const growth = bytesOf(content) - before;
    if (growth <= 0 || !this.short(growth)) {
      return;
    }
    this.quota = await this.ask(); // what was heard last may be old
    const short = this.short(growth);
    if (short) {
      this.toldSignal.emit({ localPath, needed: short });
      const error = new Error(`There is no room for ${localPath}`);
      error.name = 'ModalCancelError'; // JupyterLab says nothing itself of it
      throw error;
    }
  }

  refused(localPath: string): void {
    this.toldSignal.emit({ localPath, needed: null });
  }

  saved(): void {
    this.toldSignal.emit(null);
  }

  private readonly toldSignal = new Signal<this, NoRoom | null>(this);

  /** How many bytes are missing for so many more. */
  private short(growth: number): number {
    const free = this.quota?.free ?? null;
    return free === null ? 0 : Math.max(0, growth - free);
  }
}

/** What contents take at least: notebooks are written with more blanks than this. */
function bytesOf(content: unknown): number {
  return new Blob([typeof content === 'string' ? content : JSON.stringify(content ?? '')]).size;
}
