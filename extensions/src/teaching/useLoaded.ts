import { useCallback, useEffect, useRef, useState } from 'react';
import { messageOf } from '../sharing';
import type { TeachingHost } from './types';

const QUIET_MS = 600;

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string | null;
  readonly reload: () => void;
}

/** What `load` gives, looked up again some time after something in the tree changed. */
export function useLoaded<T>(load: () => Promise<T>, host: TeachingHost): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: string | null }>({ value: null, error: null });
  const latest = useRef(load);
  latest.current = load;
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    const say = (value: T | null, error: string | null): void => {
      if (mine === turn.current) setState(known => ({ value: error ? known.value : value, error }));
    };
    latest.current().then(value => say(value, null), reason => say(null, messageOf(reason)));
  }, []);
  useEffect(() => {
    reload();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = host.listen(() => {
      clearTimeout(timer);
      timer = setTimeout(reload, QUIET_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
      turn.current++;
    };
  }, [host, reload]);
  return { ...state, reload };
}
