/** Large uploads that have begun, kept by the browser so that they go on even after the page was left. */

export interface Unfinished {
  /** of the upload, at the service */
  id: string;
  path: string;
  size: number;
  /** when the file was last changed, in milliseconds since 1970 */
  modified: number;
  received: number;
  partSize: number;
  /** when it was begun, in milliseconds since 1970 */
  begun: number;
}

const LIFETIME = 24 * 3600 * 1000; // milliseconds for which the service keeps what came

export class UnfinishedUploads {
  private readonly key: string;
  private all: readonly Unfinished[];
  private readonly listeners = new Set<() => void>();

  constructor(
    user: string,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage,
  ) {
    this.key = `cygnet-uploads-${user}`;
    this.all = this.read();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Unfinished[] => this.all;

  /** The one that a file would go on with, if it is the very same file. */
  find(path: string, file: File): Unfinished | undefined {
    return this.all.find(one => one.path === path && one.size === file.size && one.modified === file.lastModified);
  }

  keep(upload: Unfinished): void {
    this.write([...this.all.filter(one => one.id !== upload.id), upload]);
  }

  forget(id: string): void {
    this.write(this.all.filter(one => one.id !== id));
  }

  private read(): Unfinished[] {
    try {
      const known = JSON.parse(this.storage.getItem(this.key) ?? '[]') as Unfinished[];
      return known.filter(one => Date.now() - one.begun < LIFETIME);
    } catch {
      return []; // written by another site
    }
  }

  private write(all: readonly Unfinished[]): void {
    this.all = all;
    this.storage.setItem(this.key, JSON.stringify(all));
    for (const listener of this.listeners) listener();
  }
}
