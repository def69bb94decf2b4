import { ServiceClient } from '../sharing';
import type { Inbox, InboxState } from './types';

/** The routes of the inbox. */
export class InboxClient extends ServiceClient {
  inbox(): Promise<Inbox> {
    return this.get<Inbox>('notices');
  }

  /** @param ids null: all of them */
  mark(ids: readonly string[] | null, read: boolean): Promise<InboxState> {
    return this.send<InboxState>('POST', 'notices/read', { ids, read });
  }

  /** Tells of every change until `signal` ends it; resolves when the service has ended it, rejects when it broke off. */
  async follow(heard: (state: InboxState) => void, signal: AbortSignal): Promise<void> {
    const init = { method: 'GET', headers: { Accept: 'text/event-stream' }, signal };
    const response = await this.fetchLike(`${this.baseUrl}notices/events`, init);
    if (!response.ok || !response.body) {
      throw new Error(`status ${response.status}`);
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + part.value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data: ')) {
          heard(JSON.parse(line.slice(6)) as InboxState);
        }
      }
    }
  }
}
