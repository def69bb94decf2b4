/** One way to ask the service: same-origin, with the forgery token, errors in the service's own words. */

import { mark, t } from '@cygnet/texts';
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | string[] | undefined>;

export interface Ask {
  query?: Query;
  json?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** goes on after the page is left */
  keepalive?: boolean;
}

/** Where the site lies, with a slash at its end, for example `/services/sync/`. */
export function basePath(): string {
  return new URL('.', document.baseURI).pathname;
}

export function url(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return `${basePath()}api/v1/${path}${text && `?${text}`}`;
}

/** The forgery token of this browser session; the service wants it on everything that is not GET. */
export function forgeryToken(cookies = document.cookie): string {
  const found = /(?:^|;\s*)_xsrf=([^;]*)/.exec(cookies);
  return found ? decodeURIComponent(found[1].replace(/^"|"$/g, '')) : '';
}

export const SESSION_EXPIRED = 'cygnet:session-expired';

const WORDS: Record<number, string> = {
  0: mark('The server does not answer. Check your connection and try again.'),
  401: mark('Your session has ended. Log in again to go on.'),
  403: mark('You are not allowed to do this.'),
  404: mark('This is no longer here. It may have been moved or deleted.'),
  413: mark('This file is larger than the server accepts.'),
  507: mark('Your storage is full. Delete something or ask for more room.'),
};

export function errorFrom(status: number, body: string): ApiError {
  let code = `http-${status}`;
  let message = status in WORDS ? t(WORDS[status]) : t('The server could not do this. Try again in a moment.');
  try {
    const error = (JSON.parse(body) as { error?: { code?: string; message?: string } }).error;
    code = error?.code ?? code;
    message = error?.message ?? message;
  } catch {
    // Not JSON: a proxy's own page, which says nothing to a person.
  }
  if (status === 401 && code !== 'password-required' && code !== 'wrong-password') {
    window.dispatchEvent(new Event(SESSION_EXPIRED));
  }
  return new ApiError(status, code, message);
}

export function offline(cause: unknown): ApiError {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
  return new ApiError(0, 'offline', t(WORDS[0]));
}

/** `fetch` with what the service wants from a browser; any status is an answer. */
export function fetchLike(address: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method && init.method !== 'GET') headers.set('X-XSRFToken', forgeryToken());
  return fetch(address, { credentials: 'same-origin', ...init, headers });
}

/** Like `fetchLike`, but rejects with ApiError on any status that is not 2xx. */
export async function send(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetchLike(address, init).catch(cause => {
    throw offline(cause);
  });
  if (!response.ok) throw errorFrom(response.status, await response.text());
  return response;
}

export async function ask<T>(method: string, path: string, options: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  if (options.json !== undefined) headers['Content-Type'] = 'application/json';
  const body = options.json === undefined ? undefined : JSON.stringify(options.json);
  const response = await send(url(path, options.query), { method, headers, body, signal: options.signal, keepalive: options.keepalive });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** What to show a person for anything that was thrown. */
export function inWords(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
