import { useCallback, useEffect, useRef, useState } from 'react';
import type { SharingClient } from './client';
import { messageOf } from './errors';
import type { Share } from './types';

export interface ItemShares {
  /** null until the first answer. */
  readonly shares: readonly Share[] | null;
  readonly error: string | null;
  /** A change is under way. */
  readonly busy: boolean;
  /**
   * Make a change, then ask again who has access.
   * @returns whether it succeeded; if not, `error` says why
   */
  readonly run: (change: () => Promise<unknown>) => Promise<boolean>;
  /** Ask again who has access. */
  readonly reload: () => void;
}

/** Who has access to the item at `path`, kept up to date with the changes made here. */
export function useShares(client: SharingClient, path: string, onChange?: () => void): ItemShares {
  const [shares, setShares] = useState<readonly Share[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const current = useRef(path);
  current.current = path;

  const load = useCallback(async () => {
    const answer = await client.sharesOf(path);
    if (current.current === path) {
      setShares(answer);
    }
  }, [client, path]);

  const run = useCallback(
    async (change: () => Promise<unknown>) => {
      setBusy(true);
      setError(null);
      try {
        await change();
        onChange?.();
        await load();
        return true;
      } catch (reason) {
        setError(messageOf(reason));
        return false;
      } finally {
        setBusy(false);
      }
    },
    [load, onChange]
  );

  const reload = useCallback(() => {
    setShares(null);
    setError(null);
    load().catch((reason: unknown) => setError(messageOf(reason)));
  }, [load]);

  useEffect(reload, [reload]);

  return { shares, error, busy, run, reload };
}
