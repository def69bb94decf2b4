/** Gives the bytes of one file through a port: the only way out of the ROOT viewer's frame. */

import { inWords, send } from '../api/http';

/** `[start, length]` in bytes */
export type Range = [number, number];

export interface Asked {
  id: number;
  ranges: Range[];
}

export type Answered = { id: number; buffers: ArrayBuffer[] } | { id: number; error: string };

function isRange(value: unknown): value is Range {
  return Array.isArray(value) && value.length === 2 && value.every(n => Number.isSafeInteger(n) && n >= 0);
}

function isAsked(value: unknown): value is Asked {
  const asked = value as Partial<Asked> | null;
  return typeof asked?.id === 'number' && Array.isArray(asked.ranges) && asked.ranges.every(isRange);
}

async function bytes(address: string, [start, length]: Range, signal: AbortSignal): Promise<ArrayBuffer> {
  const response = await send(address, { headers: { Range: `bytes=${start}-${start + length - 1}` }, signal });
  const buffer = await response.arrayBuffer();
  // A server that knows no ranges sends all.
  return response.status === 206 ? buffer : buffer.slice(start, start + length);
}

/** What the frame says when Escape is pressed in it: the page around it hears no keys from there. */
export const ESCAPE = 'escape';

/** @returns stops answering */
export function serveFile(port: MessagePort, address: string, onEscape: () => void): () => void {
  const abort = new AbortController();
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === ESCAPE) onEscape();
    if (!isAsked(data)) return;
    const { id, ranges } = data;
    Promise.all(ranges.map(range => bytes(address, range, abort.signal))).then(
      buffers => port.postMessage({ id, buffers } satisfies Answered, buffers),
      (cause: unknown) => abort.signal.aborted || port.postMessage({ id, error: inWords(cause) } satisfies Answered),
    );
  };
  return () => {
    abort.abort();
    port.close();
  };
}
