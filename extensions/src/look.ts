import { URLExt } from '@jupyterlab/coreutils';
import type { CygnetServer } from './server';
import type { SharedNode } from './sharing';

/** A file or folder in what somebody shares; `path` begins at what is shared. */
export interface SeenNode extends SharedNode {
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
}

export interface Seen {
  readonly node: SeenNode;
  /** null for a file */
  readonly children: readonly SeenNode[] | null;
}

export type Kind = 'notebook' | 'image' | 'text' | 'other';

const IMAGE = /\.(png|jpe?g|gif|webp|bmp|svg)$/i;
const TEXT = /\.(txt|md|rst|csv|tsv|json|ya?ml|toml|ini|cfg|log|tex|py|r|jl|c|cc|cpp|cxx|h|hpp|f90|js|ts|sh|sql)$/i;
const LONGEST_TEXT = 1_000_000; // bytes; more than anybody reads in a dialog

/** What a file can be looked at as. */
export function kindOf({ name, mime, size }: SeenNode): Kind {
  if (name.endsWith('.ipynb')) {
    return 'notebook';
  }
  if (IMAGE.test(name)) {
    return 'image';
  }
  return (TEXT.test(name) || mime.startsWith('text/')) && size <= LONGEST_TEXT ? 'text' : 'other';
}

/** What there is to see of one share, asked for through the notebook server. */
export class Look {
  constructor(
    private readonly server: CygnetServer,
    private readonly id: string
  ) {}

  async at(path: string): Promise<Seen> {
    return (await (await this.server.ask(this.address('files', path))).json()) as Seen;
  }

  async text(path: string): Promise<string> {
    return (await this.server.ask(this.address('content', path))).text();
  }

  /** Where a picture or any other file is. */
  contentAddress(path: string): string {
    return this.address('content', path);
  }

  /** Where a notebook is as a page that may run nothing; rejects in words if it cannot be shown. */
  async page(path: string): Promise<string> {
    const address = this.address('preview', path);
    await this.server.ask(address); // a frame does not tell how its request ended
    return address;
  }

  private address(part: string, path: string): string {
    const query = new URLSearchParams({ path });
    return `${URLExt.join(this.server.baseUrl, 'shares', encodeURIComponent(this.id), part)}?${query}`;
  }
}
