import { useCallback, useEffect, useRef, useState } from 'react';
import type { FileSource } from '../api/files';
import { inWords } from '../api/http';
import type { Listing } from '../api/types';

interface State {
  path: string;
  listing: Listing | null;
  error: string | null;
}

export interface Listed {
  listing: Listing | null;
  /** why there is none, or why it could not be brought up to date */
  error: string | null;
  reload: () => void;
}

/** A folder's contents; what was shown stays while it is asked for anew. */
export function useListing(source: FileSource, path: string): Listed {
  const [state, setState] = useState<State>({ path, listing: null, error: null });
  const running = useRef<AbortController>();
  const load = useCallback(() => {
    running.current?.abort();
    const abort = (running.current = new AbortController());
    source.list(path, abort.signal).then(
      listing => setState({ path, listing, error: null }),
      (cause: unknown) => {
        if (!abort.signal.aborted) setState({ path, listing: null, error: inWords(cause) });
      },
    );
    return () => abort.abort();
  }, [source, path]);
  useEffect(load, [load]);
  const reload = useCallback(() => void load(), [load]);
  const current = state.path === path ? state : { listing: null, error: null };
  return { listing: current.listing, error: current.error, reload };
}
