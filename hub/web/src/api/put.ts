/** Sends a file's contents with progress, which `fetch` cannot tell for what goes up. */

import { errorFrom, forgeryToken, offline, url } from './http';
import type { Node } from './types';

export interface Put {
  /** etag of the file that may be replaced, if it is still that one; null: the service refuses where one is */
  replaces: string | null;
  onProgress: (sent: number) => void;
  /** the connection is lost and it will be tried again, or it is back */
  onWaiting: (waiting: boolean) => void;
  signal: AbortSignal;
}

/** No lost update: neither of a file that appeared meanwhile, nor of one that changed. */
export function conditions({ replaces }: Pick<Put, 'replaces'>): Record<string, string> {
  return replaces === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${replaces}"` };
}

export const modified = (file: File): number => Math.floor(file.lastModified / 1000);

export function put(path: string, file: File, how: Put): Promise<Node> {
  const headers = {
    'X-OC-Mtime': String(modified(file)),
    'Content-Type': file.type || 'application/octet-stream',
    ...conditions(how),
  };
  return sendUp<Node>(url('content', { path }), file, headers, how);
}

export function sendUp<T>(
  address: string,
  body: Blob,
  headers: Record<string, string>,
  { onProgress, signal }: Pick<Put, 'onProgress' | 'signal'>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open('PUT', address);
    request.setRequestHeader('X-XSRFToken', forgeryToken());
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = event => onProgress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(errorFrom(request.status, request.responseText));
    };
    request.onerror = () => reject(offline(null));
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    request.send(body);
  });
}
