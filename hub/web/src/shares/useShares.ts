import { useCallback, useEffect, useState } from 'react';
import type { Share, ShareView } from '@cygnet/sharing';
import { inWords } from '../api/http';
import { useDelayed, useSite, useTouched } from '../app/site';

export interface Shares {
  shares: Share[] | null;
  error: string | null;
  reload: () => void;
}

const RELOAD_DELAY = 400;

export function useShares(view: ShareView): Shares {
  const { sharing } = useSite();
  const [state, setState] = useState<{ shares: Share[] | null; error: string | null }>({ shares: null, error: null });
  const reload = useCallback(() => {
    sharing.shares(view).then(
      shares => setState({ shares, error: null }),
      (cause: unknown) => setState({ shares: null, error: inWords(cause) }),
    );
  }, [sharing, view]);
  useEffect(reload, [reload]);
  useTouched(useDelayed(reload, RELOAD_DELAY));
  return { ...state, reload };
}
