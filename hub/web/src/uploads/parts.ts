/** Sends a large file in parts, so that a broken connection costs one part, and a page that was left none. */

import { ApiError, ask, url } from '../api/http';
import { conditions, modified, sendUp, type Put } from '../api/put';
import type { Node } from '../api/types';
import type { Unfinished, UnfinishedUploads } from './unfinished';

/** Bytes from which a file is sent in parts. */
export const LARGE = 20_000_000;

const TRIES = 8; // in a row, without a part that arrived
const FIRST_PAUSE = 1_000; // milliseconds
const LONGEST_PAUSE = 20_000;

interface Begun {
  id: string;
  received: number;
  part_size: number;
}

export async function putInParts(path: string, file: File, how: Put, unfinished: UnfinishedUploads): Promise<Node> {
  const upload = (await goOn(path, file, unfinished)) ?? (await begin(path, file, how, unfinished));
  try {
    await sendParts(upload, file, how, unfinished);
    const node = await persistently(how, () => finish(upload, file, how));
    unfinished.forget(upload.id);
    return node;
  } catch (cause) {
    if (how.signal.aborted || isFinal(cause)) await giveUp(upload.id, unfinished);
    throw cause;
  }
}

export async function giveUp(id: string, unfinished: UnfinishedUploads): Promise<void> {
  unfinished.forget(id);
  // What cannot be told to the service now it forgets by itself in a day.
  await ask('DELETE', `uploads/${id}`).catch(() => undefined);
}

/** Refused whatever is tried: the file is there, or has changed. */
const isFinal = (cause: unknown): boolean => cause instanceof ApiError && (cause.status === 412 || cause.status === 404);

async function goOn(path: string, file: File, unfinished: UnfinishedUploads): Promise<Unfinished | null> {
  const known = unfinished.find(path, file);
  if (!known) return null;
  try {
    return { ...known, received: await received(known.id) };
  } catch (cause) {
    if (!isFinal(cause)) throw cause;
    unfinished.forget(known.id); // too old
    return null;
  }
}

async function begin(path: string, file: File, how: Put, unfinished: UnfinishedUploads): Promise<Unfinished> {
  const json = { path, size: file.size };
  const { id, part_size } = await ask<Begun>('POST', 'uploads', { json, headers: conditions(how), signal: how.signal });
  const upload = { id, path, size: file.size, modified: file.lastModified, received: 0, partSize: part_size, begun: Date.now() };
  unfinished.keep(upload);
  return upload;
}

async function received(id: string): Promise<number> {
  return (await ask<Begun>('GET', `uploads/${id}`)).received;
}

async function sendParts(upload: Unfinished, file: File, how: Put, unfinished: UnfinishedUploads): Promise<void> {
  let at = upload.received;
  while (at < file.size) {
    at = await persistently(
      how,
      () => sendPart(upload, file, at, how),
      async () => void (at = await received(upload.id)),
    );
    unfinished.keep({ ...upload, received: at });
  }
}

async function sendPart({ id, partSize }: Unfinished, file: File, at: number, how: Put): Promise<number> {
  const part = file.slice(at, at + partSize);
  const onProgress = (sent: number): void => how.onProgress(at + sent);
  onProgress(0);
  const headers = { 'Content-Type': 'application/octet-stream' };
  return (await sendUp<Begun>(url(`uploads/${id}/${at}`), part, headers, { onProgress, signal: how.signal })).received;
}

function finish({ id, path }: Unfinished, file: File, how: Put): Promise<Node> {
  const json = { path, size: file.size, mtime: modified(file) };
  return ask<Node>('POST', `uploads/${id}/finish`, { json, headers: conditions(how), signal: how.signal });
}

/** Tries again after what may pass: no connection, a service that is being restarted, a part that came twice. */
async function persistently<T>(how: Put, run: () => Promise<T>, before: () => Promise<void> = async () => undefined): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      if (failures) await before();
      const result = await run();
      how.onWaiting(false);
      return result;
    } catch (cause) {
      if (how.signal.aborted || !mayPass(cause) || ++failures >= TRIES) throw cause;
      how.onWaiting(true);
      await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)), how.signal);
    }
  }
}

const PASSING = new Set([0, 409, 429, 500, 502, 503, 504]);
const mayPass = (cause: unknown): boolean => cause instanceof ApiError && PASSING.has(cause.status);

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const timer = window.setTimeout(end, milliseconds);
    window.addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
