import { useEffect, useState } from 'react';
import { messageOf } from '../sharing';
import { t } from '../texts';
import { clock } from './state';

export type Answer = 'keep' | 'while-busy' | 'stop';

export interface IdleNoticeProps {
  /** When the server is stopped, in milliseconds since 1970. */
  readonly end: number;
  readonly onAnswer: (answer: Answer) => Promise<void>;
}

/** The time that is left, and what can be done about it. */
export function IdleNotice({ end, onAnswer }: IdleNoticeProps): JSX.Element {
  const [now, setNow] = useState(Date.now());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const answer = async (chosen: Answer): Promise<void> => {
    setBusy(true);
    await onAnswer(chosen).catch((reason: unknown) => setError(messageOf(reason)));
    setBusy(false);
  };
  const left = (end - now) / 1000;
  return (
    <div className="cygnet-idle">
      <p className="cygnet-countdown" role="timer" aria-live="off">
        {clock(left)}
      </p>
      <p>
        {left > 0
          ? t('Nobody has used this server for a while, so it stops soon. What is saved is safe; kernels end, with what they hold in memory.')
          : t('The time is over: this server is stopped any moment.')}
      </p>
      {error && <p role="alert">{error}</p>}
      <div className="cygnet-actions">
        <button type="button" className="cygnet-button cygnet-primary" autoFocus disabled={busy} onClick={() => void answer('keep')}>
          {t('Keep it running')}
        </button>
        <button
          type="button"
          className="cygnet-button"
          disabled={busy}
          title={t('It then stops only when nobody uses it and no kernel computes.')}
          onClick={() => void answer('while-busy')}
        >
          {t('Keep it while a kernel computes')}
        </button>
        <button type="button" className="cygnet-button" disabled={busy} onClick={() => void answer('stop')}>
          {t('Let it stop')}
        </button>
      </div>
    </div>
  );
}
