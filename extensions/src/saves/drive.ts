import { type Contents, Drive, ServerConnection } from '@jupyterlab/services';

/** Has its say whenever a document is about to be saved. */
export interface SaveGate {
  /**
   * What a document is compared with before it is saved, and asked for once more afterwards.
   *
   * @param model the file as it is, with its hash
   * @returns the model that the document is to compare itself with
   */
  looked(localPath: string, model: Contents.IModel): Promise<Contents.IModel>;

  /** Save by `write`, to which more is given than to a save that nobody checks. */
  save(localPath: string, options: Partial<Contents.IModel>, write: Write): Promise<Contents.IModel>;
}

/** Whether there is room for a document that is about to be saved. */
export interface RoomCheck {
  /**
   * Return if it can be saved; throw an error that calls the save off if it would fail.
   *
   * @param before bytes that its file takes now
   */
  check(localPath: string, options: Partial<Contents.IModel>, before: number): Promise<void>;

  /** The service had no room all the same. */
  refused(localPath: string): void;

  saved(localPath: string): void;
}

export type Write = (options: Partial<Contents.IModel>) => Promise<Contents.IModel>;

/** The files of the notebook server, as in JupyterLab, except that a gate decides what may be saved. */
export class CheckedDrive extends Drive {
  gate: SaveGate | null = null;
  room: RoomCheck | null = null;

  override async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const model = await super.get(localPath, options);
    // Only documents that are being saved ask like this: others say which type they want.
    const before = options?.content === false && options.hash === true && options.type === undefined;
    if (before) {
      this.sizes.set(localPath, model.size ?? 0);
    }
    return this.gate && before ? this.gate.looked(localPath, model) : model;
  }

  override save(localPath: string, options: Partial<Contents.IModel> = {}): Promise<Contents.IModel> {
    const write: Write = async more => {
      await this.room?.check(localPath, more, this.sizes.get(localPath) ?? 0);
      return super.save(localPath, more).then(
        model => {
          this.room?.saved(localPath);
          return model;
        },
        (reason: unknown) => {
          if (reason instanceof ServerConnection.ResponseError && reason.response.status === 507) {
            this.room?.refused(localPath);
          }
          throw reason;
        }
      );
    };
    return this.gate ? this.gate.save(localPath, options, write) : write(options);
  }

  private readonly sizes = new Map<string, number>();
}
