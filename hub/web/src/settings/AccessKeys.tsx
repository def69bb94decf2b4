import { useCallback, useEffect, useState } from 'react';
import { inWords } from '../api/http';
import { accessKeys, makeAccessKey, removeAccessKey, type AccessKey, type KnownKeys, type NewAccessKey } from '../api/keys';
import { ago, date } from '../lib/format';
import { Button } from '../ui/Button';
import { Copyable } from '../ui/Copyable';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { useToasts } from '../ui/toasts';
import { CredentialCard } from './CredentialCard';

const DAY = 86_400;
const LIFETIMES: { words: string; seconds: number | null }[] = [
  { words: 'It does not end', seconds: null },
  { words: 'It ends in a day', seconds: DAY },
  { words: 'It ends in a week', seconds: 7 * DAY },
  { words: 'It ends in 90 days', seconds: 90 * DAY },
];

/** Keys for programs that speak S3: made, shown once, limited, deleted. */
export function AccessKeys(): JSX.Element | null {
  const { known, error, reload } = useKeys();
  if (known && !known.endpoint) return null; // S3 is not served here
  return (
    <section>
      <h2>Access keys</h2>
      <p className="quiet">For programs that speak S3, such as rclone, boto3 and aws. Give each one no more than it needs.</p>
      <NewKey onMade={reload} />
      {error && <p className="field-problem" role="alert">{error}</p>}
      {known?.keys.length === 0 && <p className="quiet">There is no key yet.</p>}
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
          <span>Name of the key</span>
          <input value={label} maxLength={80} placeholder="rclone on my laptop" onChange={event => setLabel(event.target.value)} />
        </label>
        <label className="field">
          <span>Only this folder</span>
          <input value={folder} placeholder="All of my files" onChange={event => setFolder(event.target.value)} />
        </label>
      </div>
      <label className="check-line">
        <input type="checkbox" checked={readOnly} onChange={event => setReadOnly(event.target.checked)} />
        <span>Only reading</span>
      </label>
      <div className="inline-form">
        <label className="field">
          <span>How long</span>
          <select value={lifetime} onChange={event => setLifetime(Number(event.target.value))}>
            {LIFETIMES.map(({ words }, at) => <option key={words} value={at}>{words}</option>)}
          </select>
        </label>
        <Button look="primary" icon="add" type="submit" disabled={!label.trim()}>Make a key</Button>
      </div>
    </form>
  );
}

function MadeDialog({ made, onClose }: { made: NewAccessKey; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={`Access key “${made.label}”`} onClose={onClose}>
      <p>Copy the secret now: it is not kept and cannot be shown again.</p>
      <p>Key</p>
      <Copyable label="Access key" text={made.id} />
      <p>Secret</p>
      <Copyable label="Secret" text={made.secret} />
      <p>Address (endpoint)</p>
      <Copyable label="Endpoint" text={made.endpoint} />
      <p className="quiet">Your files are the bucket <code>home</code>.</p>
      <DialogActions>
        <Button look="primary" data-first onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  );
}

function limitsOf(one: AccessKey): string {
  const limits = [one.folder ?? 'all files', one.read_only ? 'only reading' : ''];
  if (one.expires) limits.push(`until ${date(one.expires)}`);
  return limits.filter(Boolean).join(' · ');
}

const TAKING = {
  verb: 'Delete',
  consequence: 'Programs that use it are refused at once. Your files stay.',
  done: 'opens nothing any more.',
};

function Key({ one, reload }: { one: AccessKey; reload: () => void }): JSX.Element {
  return (
    <CredentialCard label={one.label} taking={TAKING} takeBack={() => removeAccessKey(one.id).then(reload)}>
      <small>{limitsOf(one)}</small>
      <small><code>{one.id}</code>{one.last_used ? ` · used ${ago(one.last_used)}` : ' · not used yet'}</small>
    </CredentialCard>
  );
}
