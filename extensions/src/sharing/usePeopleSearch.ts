import { useEffect, useState } from 'react';
import type { SharingClient } from './client';
import { messageOf } from './errors';
import type { Person } from './types';

const PAUSE_MS = 180;

export interface PeopleSearch {
  readonly people: readonly Person[];
  readonly busy: boolean;
  readonly error: string | null;
  /** The words that `people` answers; differs from what is typed while a search runs. */
  readonly answered: string;
}

const NOTHING: PeopleSearch = { people: [], busy: false, error: null, answered: '' };

/** Ask for people once typing pauses; an answer that comes too late is dropped. */
export function usePeopleSearch(client: SharingClient, typed: string): PeopleSearch {
  const [found, setFound] = useState<PeopleSearch>(NOTHING);
  const query = typed.trim();
  useEffect(() => {
    if (!query) {
      setFound(NOTHING);
      return;
    }
    const abort = new AbortController();
    setFound(before => ({ ...before, busy: true, error: null }));
    const timer = setTimeout(() => {
      client.people(query, abort.signal).then(
        people => abort.signal.aborted || setFound({ people, busy: false, error: null, answered: query }),
        (reason: unknown) =>
          abort.signal.aborted || setFound({ ...NOTHING, error: messageOf(reason), answered: query })
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, query]);
  return found;
}
