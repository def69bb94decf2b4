import { t } from '../texts';
import { SharingError, errorOf } from './errors';

/** `fetch`, or something that adds to it what a host needs (XSRF header, base address). */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

const LIMIT_MS = 30_000;

export type Query = Readonly<Record<string, string>>;

/** Sends requests to the routes of the sync service, or of a notebook server that passes them on. */
export class ServiceClient {
  /**
   * @param baseUrl address above the routes, with or without a slash at its end
   * @param fetchLike how to send a request; credentials are its business
   */
  constructor(
    baseUrl: string,
    readonly fetchLike: FetchLike
  ) {
    this.baseUrl = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  }

  readonly baseUrl: string;

  protected async get<T>(route: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const text = new URLSearchParams(query).toString();
    return this.json<T>(await this.request('GET', text ? `${route}?${text}` : route, undefined, signal));
  }

  protected async send<T>(method: string, route: string, body: object): Promise<T> {
    return this.json<T>(await this.request(method, route, body));
  }

  private async json<T>(response: Response): Promise<T> {
    try {
      return (await response.json()) as T;
    } catch {
      throw new SharingError('unreadable', t('The service gave an answer that cannot be read. Try again.'));
    }
  }

  protected async request(method: string, route: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const init: RequestInit = { method, signal: signal ? AbortSignal.any([signal, limit]) : limit };
    if (body !== undefined) {
      const raw = body instanceof Blob;
      init.body = raw ? body : JSON.stringify(body);
      init.headers = { 'Content-Type': raw ? 'application/octet-stream' : 'application/json' };
    }
    const response = await this.reach(this.baseUrl + route, init, signal);
    if (!response.ok) {
      throw await errorOf(response);
    }
    return response;
  }

  private async reach(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    try {
      return await this.fetchLike(url, init);
    } catch (reason) {
      if (signal?.aborted) {
        throw reason; // the caller does not want the answer any more
      }
      throw new SharingError('unreachable', t('The service cannot be reached. Check the connection and try again.'));
    }
  }
}
