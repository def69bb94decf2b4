import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Conflict } from './conflict';
import type { SaveGate, Write } from './drive';

type Context = DocumentRegistry.Context;

/** Where one document stands. */
interface Standing {
  /** Hash of what it began from: loaded, or written last. */
  base: string | null;
  /** How often it was loaded, and how often when the save under way began. */
  loads: number;
  began: number;
  /** How often the document still asks about what was written. */
  asks: number;
  conflict: Conflict | null;
}

export interface Held {
  readonly context: Context;
  /** null when the document may be saved again. */
  readonly conflict: Conflict | null;
}

/** Lets a document be saved as long as the file holds what the document began from. */
export class ConflictGate implements SaveGate {
  /** @param compare asks how an open document and its file differ */
  constructor(private readonly compare: (context: Context, base: string) => Promise<Conflict>) {}

  /** A document cannot be saved, or can be again. */
  get held(): ISignal<this, Held> {
    return this.heldSignal;
  }

  /** Mind a document from now on. */
  follow(context: Context): void {
    if (this.standings.has(context)) {
      return;
    }
    const base = context.contentsModel?.hash ?? null;
    const standing: Standing = { base, loads: 0, began: 0, asks: 0, conflict: null };
    this.standings.set(context, standing);
    context.saveState.connect((_, state) => {
      if (state === 'started') {
        standing.began = standing.loads;
        // Kept when the save has ended: another one of the same document may be under way.
        this.saving.set(context.localPath, context);
      }
    });
    context.fileChanged.connect(() => this.loaded(context, standing));
    context.disposed.connect(() => this.saving.delete(context.localPath));
  }

  /** Let the document replace what the file holds now. */
  allow(context: Context, conflict: Conflict): void {
    const standing = this.standings.get(context);
    if (standing) {
      standing.base = conflict.hash;
    }
  }

  async looked(localPath: string, model: Contents.IModel): Promise<Contents.IModel> {
    const [context, standing] = this.found(localPath);
    if (!context || !standing) {
      return model;
    }
    if (standing.asks > 0) {
      standing.asks -= 1;
    } else if (standing.base && model.hash && standing.base !== model.hash) {
      await this.agree(context, standing, model.hash);
    }
    return withoutDoubt(context, model);
  }

  async save(localPath: string, options: Partial<Contents.IModel>, write: Write): Promise<Contents.IModel> {
    const [context, standing] = this.found(localPath);
    if (!context || !standing) {
      return write(options);
    }
    if (standing.loads !== standing.began) {
      throw this.calledOff(context); // what was to be saved is not in the document any more
    }
    const checked = (): Promise<Contents.IModel> =>
      write({ ...options, base_hash: standing.base } as Partial<Contents.IModel>);
    const model = await checked().catch(async (reason: unknown) => {
      if (!(reason instanceof ServerConnection.ResponseError) || reason.response.status !== 409) {
        throw reason;
      }
      await this.find(context, standing); // somebody was faster by a moment
      return checked();
    });
    standing.base = model.hash ?? null;
    standing.asks += 1;
    this.release(context, standing);
    return model;
  }

  private readonly heldSignal = new Signal<this, Held>(this);
  private readonly standings = new WeakMap<Context, Standing>();
  private readonly saving = new Map<string, Context>();

  private found(localPath: string): [Context | undefined, Standing | undefined] {
    const context = this.saving.get(localPath);
    return [context, context && this.standings.get(context)];
  }

  /** A load tells a hash; what was saved is known already. */
  private loaded(context: Context, standing: Standing): void {
    const hash = context.contentsModel?.hash;
    if (hash) {
      standing.base = hash;
      standing.loads += 1;
      this.release(context, standing);
    }
  }

  /** Return if what the file holds, with hash `now`, may be replaced; else call the save off. */
  private async agree(context: Context, standing: Standing, now: string): Promise<void> {
    const { conflict } = standing;
    if (conflict?.hash === now) {
      this.heldSignal.emit({ context, conflict });
      throw this.calledOff(context);
    }
    await this.find(context, standing);
  }

  /** Find out whether anybody's work is at stake; if so, call the save off until the person has decided. */
  private async find(context: Context, standing: Standing): Promise<void> {
    const { loads } = standing;
    const conflict = await this.compare(context, standing.base ?? '');
    if (loads !== standing.loads) {
      throw this.calledOff(context);
    }
    if (!conflict.same) {
      standing.conflict = conflict;
      this.heldSignal.emit({ context, conflict });
      throw this.calledOff(context);
    }
    standing.base = conflict.hash;
  }

  /** JupyterLab says nothing itself of a save that was called off like this. */
  private calledOff({ localPath }: Context): Error {
    const error = new Error(`${localPath} was changed elsewhere`);
    error.name = 'ModalCancelError';
    return error;
  }

  private release(context: Context, standing: Standing): void {
    if (standing.conflict) {
      standing.conflict = null;
      this.heldSignal.emit({ context, conflict: null });
    }
  }
}

/** What a document sees no change in: JupyterLab would ask by itself, and about mere time stamps too. */
function withoutDoubt(context: Context, model: Contents.IModel): Contents.IModel {
  const { hash: _, hash_algorithm: __, ...rest } = model;
  return { ...rest, last_modified: context.contentsModel?.last_modified ?? model.last_modified };
}
