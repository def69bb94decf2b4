import { useCallback, useEffect, useState } from 'react';
import { mark, rich, t } from '@cygnet/texts';
import { inWords } from '../api/http';
import { accessKeys, makeAccessKey, removeAccessKey, type AccessKey, type KnownKeys, type NewAccessKey } from '../api/keys';
import { ago, date } from '../lib/format';
import { Button } from '../ui/Button';
import { Copyable } from '../ui/Copyable';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { useToasts } from '../ui/toasts';
import { CredentialCard, type Taking } from './CredentialCard';

const DAY = 86_400;
const LIFETIMES: { words: string; seconds: number | null }[] = [
  { words: mark('It does not end'), seconds: null },
  { words: mark('It ends in a day'), seconds: DAY },
  { words: mark('It ends in a week'), seconds: 7 * DAY },
  { words: mark('It ends in 90 days'), seconds: 90 * DAY },
];

/** Keys for programs that speak S3: made, shown once, limited, deleted. */
export function AccessKeys(): JSX.Element | null {
  const { known, error, reload } = useKeys();
  if (known && !known.endpoint) return null; // S3 is not served here
  return (
    <section>
      <h2>{t('Access keys')}</h2>
      <p className="quiet">{t('For programs that speak S3, such as rclone, boto3 and aws. Give each one no more than it needs.')}</p>
      <NewKey onMade={reload} />
      {error && <p className="field-problem" role="alert">{error}</p>}
      {known?.keys.length === 0 && <p className="quiet">{t('There is no key yet.')}</p>}
      {known && known.keys.length > 0 && (
        <ul className="cards-plain">{known.keys.map(one => <Key key={one.id} one={one} reload={reload} />)}</ul>
      )}
    </section>
  );
}

function useKeys(): { known: KnownKeys | null; error: string | null; reload: () => void } {
  const [known, setKnown] = useState<KnownKeys | null>(null);
  const [error, setError] = useState<string | null>(null);
  const reload = useCallback(() => {
    accessKeys().then(setKnown, (cause: unknown) => setError(inWords(cause)));
  }, []);
  useEffect(reload, [reload]);
  return { known, error, reload };
}

function NewKey({ onMade }: { onMade: () => void }): JSX.Element {
  const openDialog = useDialogs();
  const say = useToasts();
  const [label, setLabel] = useState('');
  const [folder, setFolder] = useState('');
  const [readOnly, setReadOnly] = useState(false);
  const [lifetime, setLifetime] = useState(0);
  const make = async (): Promise<void> => {
    const limits = { label: label.trim(), folder: folder.trim() || null, read_only: readOnly, ttl: LIFETIMES[lifetime].seconds };
    const made = await makeAccessKey(limits);
    setLabel('');
    onMade();
    await openDialog<void>(close => <MadeDialog made={made} onClose={close} />);
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        make().catch(say.problem);
      }}
    >
      <div className="inline-form">
        <label className="field">
          <span>{t('Name of the key')}</span>
          <input value={label} maxLength={80} placeholder={t('rclone on my laptop')} onChange={event => setLabel(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('Only this folder')}</span>
          <input value={folder} placeholder={t('All of my files')} onChange={event => setFolder(event.target.value)} />
        </label>
      </div>
      <label className="check-line">
        <input type="checkbox" checked={readOnly} onChange={event => setReadOnly(event.target.checked)} />
        <span>{t('Only reading')}</span>
      </label>
      <div className="inline-form">
        <label className="field">
          <span>{t('How long')}</span>
          <select value={lifetime} onChange={event => setLifetime(Number(event.target.value))}>
            {LIFETIMES.map(({ words }, at) => <option key={words} value={at}>{t(words)}</option>)}
          </select>
        </label>
        <Button look="primary" icon="add" type="submit" disabled={!label.trim()}>{t('Make a key')}</Button>
      </div>
    </form>
  );
}

function MadeDialog({ made, onClose }: { made: NewAccessKey; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t('Access key “{label}”', { label: made.label })} onClose={onClose}>
      <p>{t('Copy the secret now: it is not kept and cannot be shown again.')}</p>
      <p>{t('Key')}</p>
      <Copyable label={t('Access key')} text={made.id} />
      <p>{t('Secret')}</p>
      <Copyable label={t('Secret')} text={made.secret} />
      <p>{t('Address (endpoint)')}</p>
      <Copyable label={t('Endpoint')} text={made.endpoint} />
      <p className="quiet">{rich('Your files are the bucket {bucket}.', { bucket: <code key="bucket">home</code> })}</p>
      <DialogActions>
        <Button look="primary" data-first onClick={onClose}>{t('Done')}</Button>
      </DialogActions>
    </Dialog>
  );
}

function limitsOf(one: AccessKey): string {
  const limits = [one.folder ?? t('all files'), one.read_only ? t('only reading') : ''];
  if (one.expires) limits.push(t('until {date}', { date: date(one.expires) }));
  return limits.filter(Boolean).join(' · ');
}

const taking = (label: string): Taking => ({
  verb: t('Delete'),
  about: t('Delete {label}', { label }),
  question: t('Delete “{label}”?', { label }),
  consequence: t('Programs that use it are refused at once. Your files stay.'),
  done: t('“{label}” opens nothing any more.', { label }),
});

function Key({ one, reload }: { one: AccessKey; reload: () => void }): JSX.Element {
  return (
    <CredentialCard label={one.label} taking={taking(one.label)} takeBack={() => removeAccessKey(one.id).then(reload)}>
      <small>{limitsOf(one)}</small>
      <small><code>{one.id}</code> · {one.last_used ? t('used {ago}', { ago: ago(one.last_used) }) : t('not used yet')}</small>
    </CredentialCard>
  );
}
