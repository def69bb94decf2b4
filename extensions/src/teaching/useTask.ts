import { useState } from 'react';
import { messageOf } from '../sharing';

export interface Task {
  readonly busy: boolean;
  readonly error: string | null;
  /** Does one thing at a time; true when it worked. */
  readonly run: (what: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a person set going, and what went wrong with it. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (what: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await what();
      return true;
    } catch (reason) {
      setError(messageOf(reason));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
