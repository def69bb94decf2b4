import { ServiceClient, type SharedNode } from '../sharing';
import type { GalleryEntry, GalleryTag, Publication } from './types';

/** The routes of the gallery. */
export class GalleryClient extends ServiceClient {
  search(q: string, tag: string): Promise<{ entries: GalleryEntry[]; tags: GalleryTag[] }> {
    return this.get('gallery', { q, tag });
  }

  entry(id: string): Promise<GalleryEntry> {
    return this.get<GalleryEntry>(`gallery/${encodeURIComponent(id)}`);
  }

  /** What the person has published of a file. */
  async publishedOf(path: string): Promise<GalleryEntry | null> {
    return (await this.get<{ entries: GalleryEntry[] }>('gallery', { path })).entries[0] ?? null;
  }

  publish(publication: Publication): Promise<GalleryEntry> {
    return this.send<GalleryEntry>('POST', 'gallery', publication);
  }

  async takeOut(id: string): Promise<void> {
    await this.request('DELETE', `gallery/${encodeURIComponent(id)}`);
  }

  /** A copy of one's own, in `destination`; the answer says under which name. */
  copy(id: string, destination: string): Promise<SharedNode> {
    return this.send<SharedNode>('POST', `gallery/${encodeURIComponent(id)}/copy`, { destination });
  }

  /** The names of the groups that the person is in. */
  async groups(): Promise<string[]> {
    const { groups } = await this.get<{ groups: { name: string; state: string | null }[] }>('groups', { view: 'mine' });
    return groups.filter(one => one.state === 'active').map(one => one.name);
  }
}
