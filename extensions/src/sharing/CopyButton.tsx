import { useEffect, useState } from 'react';
import { t } from '../texts';

const SHOWN_MS = 2500;

async function toClipboard(text: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages served without TLS have no clipboard interface; selecting lets the person press Ctrl+C.
    field?.focus();
    field?.select();
    return false;
  }
}

export interface CopyButtonProps {
  readonly text: string;
  /** The field that shows the text, selected when the browser does not let us copy. */
  readonly field: React.RefObject<HTMLInputElement>;
}

/** Copy to the clipboard, and say so. */
export function CopyButton({ text, field }: CopyButtonProps): JSX.Element {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    setSaid((await toClipboard(text, field.current)) ? t('Copied') : t('Press Ctrl+C'));
  };
  return (
    <>
      <button type="button" className="cyg-button" onClick={() => void copy()}>
        {said || t('Copy link')}
      </button>
      <span role="status" className="cyg-hidden">
        {said}
      </span>
    </>
  );
}
