import { URLExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { CellDifference } from '../difference';
import type { CygnetServer } from '../server';
import { t } from '../texts';

/** What a file was at a time, as the sync service lists it. */
export interface Version {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** When it was stored, in seconds since 1970. */
  readonly created: number;
  readonly author: { readonly display_name: string };
  /** It is what the file is now. */
  readonly current: boolean;
}

const APPEARS_MS = 15_000;
const AGAIN_MS = 250;

/** The versions of files, asked for through the notebook server. Paths are those of the notebook server. */
export class VersionsClient {
  constructor(
    private readonly server: CygnetServer,
    private readonly contents: Contents.IManager
  ) {}

  async list(path: string): Promise<readonly Version[]> {
    return (await this.server.get<{ versions: readonly Version[] }>(`versions?${new URLSearchParams({ path })}`)).versions;
  }

  /** How the file differs now from what it was; null if that cannot be shown. */
  async compare(path: string, { id }: Version): Promise<readonly CellDifference[] | null> {
    const route = `${URLExt.join('versions', id, 'compare')}?${new URLSearchParams({ path })}`;
    return (await this.server.get<{ cells: readonly CellDifference[] | null }>(route)).cells;
  }

  /** Go back to a version; resolves when the notebook server has it. */
  async restore(path: string, { id }: Version): Promise<void> {
    const { hash } = await this.server.post<{ hash: string }>(`versions/${id}/restore`, { path });
    await this.appeared(path, hash);
  }

  /** Make a version a new file at `to`; resolves when the notebook server has it. */
  async copy(path: string, { id }: Version, to: string): Promise<void> {
    const { hash } = await this.server.post<{ hash: string }>(`versions/${id}/copy`, { path, to });
    await this.appeared(to, hash);
  }

  private async appeared(path: string, hash: string): Promise<void> {
    const deadline = Date.now() + APPEARS_MS;
    const now = (): Promise<string | undefined> =>
      this.contents.get(path, { type: 'file', content: false, hash: true }).then(
        model => model.hash,
        () => undefined
      );
    while ((await now()) !== hash) {
      if (Date.now() > deadline) {
        throw new Error(t('“{path}” has not reached this server yet. Try again in a moment.', { path }));
      }
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
    }
  }
}
