/** Gives the bytes of one file through a port: the only way out of the frame of the ROOT viewer. */

import { URLExt } from '@jupyterlab/coreutils';
import type { CygnetServer } from '../server';
import { t } from '../texts';

/** `[start, length]` in bytes */
type Range = [number, number];

interface Asked {
  id: number;
  ranges: Range[];
}

/** Code that is being dragged, at a point of the frame. */
export interface Drag {
  code: string;
  x: number;
  y: number;
  end?: 'dropped' | 'given up';
}

/** What the frame wants beside bytes: code in a notebook, at once or where it is dragged. */
export interface Wish {
  insert?: string;
  drag?: Drag;
}

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every(n => Number.isSafeInteger(n) && n >= 0);
}

function isAsked(value: unknown): value is Asked {
  const asked = value as Partial<Asked> | null;
  return typeof asked?.id === 'number' && Array.isArray(asked.ranges) && asked.ranges.every(isRange);
}

/** Reads one version of a file in parts. */
export class Bytes {
  constructor(
    private readonly server: CygnetServer,
    private readonly path: string
  ) {}

  /** How large the file is. */
  async size(): Promise<number> {
    return Number((await this.ask([])).headers.get('X-File-Size'));
  }

  /** All ranges in one request. Rejects when the file is another one by now. */
  async read(ranges: Range[]): Promise<ArrayBuffer[]> {
    const all = await (await this.ask(ranges)).arrayBuffer();
    let at = 0;
    return ranges.map(([, length]) => all.slice(at, (at += length)));
  }

  private async ask(ranges: Range[]): Promise<Response> {
    const query = ranges.map(([start, length]) => `&range=${start}-${start + length}`).join('');
    const path = encodeURIComponent(this.path);
    const response = await this.server.ask(`${URLExt.join(this.server.baseUrl, 'bytes')}?path=${path}${query}`);
    const version = response.headers.get('ETag');
    this.version ??= version;
    if (this.version !== version) {
      throw new Error(t('The file has changed: close it and open it again.'));
    }
    return response;
  }

  private version: string | null = null;
}

/** @returns stops answering */
export function serve(port: MessagePort, bytes: Bytes, onWish: (wish: Wish) => void): () => void {
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!isAsked(data)) {
      onWish((data ?? {}) as Wish);
      return;
    }
    const { id, ranges } = data;
    bytes.read(ranges).then(
      buffers => port.postMessage({ id, buffers }, buffers),
      (cause: unknown) => port.postMessage({ id, error: cause instanceof Error ? cause.message : String(cause) })
    );
  };
  return () => port.close();
}
