import { ServiceClient } from './service';
import type { NewShare, Person, Share, ShareChange, SharedNode, ShareView } from './types';

/** The share routes of the sync service, or of a notebook server that passes them on. */
export class SharingClient extends ServiceClient {
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

  private route(id: string): string {
    return `shares/${encodeURIComponent(id)}`;
  }
}
