import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { type FetchLike, errorOf } from './sharing';

/** The routes of our server extension; it has the credential for the service, this page never sees it. */
export class CygnetServer {
  constructor(private readonly settings: ServerConnection.ISettings) {
    this.baseUrl = URLExt.join(settings.baseUrl, 'cygnet', 'api');
  }

  readonly baseUrl: string;

  readonly fetch: FetchLike = (url, init) => ServerConnection.makeRequest(url, init, this.settings);

  /** Ask one route for JSON; failures are thrown in words. */
  async get<T>(route: string): Promise<T> {
    return (await (await this.ask(URLExt.join(this.baseUrl, route))).json()) as T;
  }

  /** Send JSON to one route, and return the JSON of its answer; failures are thrown in words. */
  async post<T>(route: string, data: unknown): Promise<T> {
    const init = { method: 'POST', body: JSON.stringify(data) };
    const response = await this.fetch(URLExt.join(this.baseUrl, route), init);
    if (!response.ok) {
      throw await errorOf(response);
    }
    return (await response.json()) as T;
  }

  /** Ask for what lies at an address below `baseUrl`; failures are thrown in words. */
  async ask(address: string): Promise<Response> {
    const response = await this.fetch(address, { method: 'GET' });
    if (!response.ok) {
      throw await errorOf(response);
    }
    return response;
  }
}
