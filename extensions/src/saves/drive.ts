import { type Contents, Drive } from '@jupyterlab/services';

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

export type Write = (options: Partial<Contents.IModel>) => Promise<Contents.IModel>;

/** The files of the notebook server, as in JupyterLab, except that a gate decides what may be saved. */
export class CheckedDrive extends Drive {
  gate: SaveGate | null = null;

  override async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const model = await super.get(localPath, options);
    // Only documents that are being saved ask like this.
    const before = options?.content === false && options.hash === true;
    return this.gate && before ? this.gate.looked(localPath, model) : model;
  }

  override save(localPath: string, options: Partial<Contents.IModel> = {}): Promise<Contents.IModel> {
    const write: Write = more => super.save(localPath, more);
    return this.gate ? this.gate.save(localPath, options, write) : write(options);
  }
}
