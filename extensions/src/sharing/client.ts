import { SharingError, errorOf } from './errors';
import type { NewShare, Person, Share, ShareChange, SharedNode, ShareView } from './types';

/** `fetch`, or something that adds to it what a host needs (XSRF header, base address). */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

const LIMIT_MS = 30_000;

type Query = Readonly<Record<string, string>>;

/** The share routes of the sync service, or of a notebook server that passes them on. */
export class SharingClient {
  /**
   * @param baseUrl address above the routes, with or without a slash at its end
   * @param fetchLike how to send a request; credentials are its business
   */
  constructor(
    baseUrl: string,
    private readonly fetchLike: FetchLike
  ) {
    this.baseUrl = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  }

  /** Everybody who has access to one item, and its links. */
  async sharesOf(path: string): Promise<Share[]> {
    return (await this.get<{ shares: Share[] }>('shares', { view: 'item', path })).shares;
  }

  async shares(view: ShareView): Promise<Share[]> {
    return (await this.get<{ shares: Share[] }>('shares', { view })).shares;
  }

  /** People and groups whose name fits what was typed so far. */
  async people(query: string, signal?: AbortSignal): Promise<Person[]> {
    return (await this.get<{ people: Person[] }>('people', { q: query }, signal)).people;
  }

  create(share: NewShare): Promise<Share> {
    return this.send<Share>('POST', 'shares', share);
  }

  update(id: string, change: ShareChange): Promise<Share> {
    return this.send<Share>('PATCH', this.route(id), change);
  }

  async remove(id: string): Promise<void> {
    await this.request('DELETE', this.route(id));
  }

  async accept(id: string): Promise<void> {
    await this.request('POST', `${this.route(id)}/accept`, {});
  }

  async decline(id: string): Promise<void> {
    await this.request('POST', `${this.route(id)}/decline`, {});
  }

  /** A copy of one's own, in `destination`; the answer says under which name. */
  copy(id: string, destination: string): Promise<SharedNode> {
    return this.send<SharedNode>('POST', `${this.route(id)}/copy`, { destination });
  }

  private readonly baseUrl: string;

  private route(id: string): string {
    return `shares/${encodeURIComponent(id)}`;
  }

  private async get<T>(route: string, query: Query, signal?: AbortSignal): Promise<T> {
    const response = await this.request('GET', `${route}?${new URLSearchParams(query)}`, undefined, signal);
    return this.json<T>(response);
  }

  private async send<T>(method: string, route: string, body: object): Promise<T> {
    return this.json<T>(await this.request(method, route, body));
  }

  private async json<T>(response: Response): Promise<T> {
    try {
      return (await response.json()) as T;
    } catch {
      throw new SharingError('unreadable', 'The service gave an answer that cannot be read. Try again.');
    }
  }

  private async request(method: string, route: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const init: RequestInit = { method, signal: signal ? AbortSignal.any([signal, limit]) : limit };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
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
      throw new SharingError('unreachable', 'The service cannot be reached. Check the connection and try again.');
    }
  }
}
