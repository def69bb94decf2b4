import { useState } from 'react';
import { t } from '@cygnet/texts';
import { Button } from './Button';

/** Without a secure context browsers offer no clipboard: then the text is put where the old way can copy it. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error(t('The browser did not allow copying. Select the text and copy it by hand.'));
}

export function CopyButton({ text, label = t('Copy') }: { text: string; label?: string }): JSX.Element {
  const [said, setSaid] = useState('');
  const [done, setDone] = useState(false);
  const run = (): void => {
    copy(text).then(
      () => {
        setDone(true);
        setSaid(t('Copied'));
      },
      () => setSaid(t('Select the text and copy it by hand')),
    );
  };
  return (
    <>
      <Button icon={done ? 'check' : 'copy'} onClick={run}>
        {said || label}
      </Button>
      <span className="visually-hidden" role="status">{said}</span>
    </>
  );
}
