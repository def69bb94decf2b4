import { useCallback, useEffect, useState } from 'react';
import { appPasswords, makeAppPassword, revokeAppPassword } from '../api/files';
import { basePath, inWords } from '../api/http';
import type { AppPassword, NewAppPassword } from '../api/types';
import { useSite } from '../app/site';
import { ago } from '../lib/format';
import { Button } from '../ui/Button';
import { Copyable } from '../ui/Copyable';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { Loading } from '../ui/states';
import { useToasts } from '../ui/toasts';
import { AccessKeys } from './AccessKeys';
import { CredentialCard } from './CredentialCard';

/** Laptops, phones and programs that reach the files with a password of their own. */
export function DevicesView(): JSX.Element {
  const { passwords, error, reload } = usePasswords();
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>Devices</h1></div>
      <div className="settings">
        <Connect />
        <section>
          <h2>App passwords</h2>
          <p className="quiet">One for each device or program, so that you can take it back from one without touching the others. It opens your files, not your account.</p>
          <NewPassword onMade={reload} />
          {error && <p className="field-problem" role="alert">{error}</p>}
          {!passwords && !error && <Loading />}
          {passwords?.length === 0 && <p className="quiet">No device is connected yet.</p>}
          {passwords && passwords.length > 0 && (
            <ul className="cards-plain">{passwords.map(one => <Password key={one.id} one={one} reload={reload} />)}</ul>
          )}
        </section>
        <AccessKeys />
      </div>
    </div>
  );
}

function usePasswords(): { passwords: AppPassword[] | null; error: string | null; reload: () => void } {
  const [passwords, setPasswords] = useState<AppPassword[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const reload = useCallback(() => {
    appPasswords().then(setPasswords, (cause: unknown) => setError(inWords(cause)));
  }, []);
  useEffect(reload, [reload]);
  return { passwords, error, reload };
}

function Connect(): JSX.Element {
  const { me } = useSite();
  const address = location.origin + basePath().replace(/\/$/, '');
  return (
    <section>
      <h2>Connect the Nextcloud desktop client</h2>
      <p className="quiet">The same files on your computer: what you change there is changed here, and the other way round.</p>
      <ol className="steps">
        <li>Install the Nextcloud desktop client and choose <em>Log in</em>.</li>
        <li>
          Enter this server address:
          <Copyable label="Server address" text={address} />
        </li>
        <li>
          Log in as <code>{me.name}</code> with an app password that you make below. Any WebDAV program works too, with this address:
          <Copyable label="WebDAV address" text={`${address}/remote.php/dav/files/${encodeURIComponent(me.name)}/`} />
        </li>
      </ol>
    </section>
  );
}

function NewPassword({ onMade }: { onMade: () => void }): JSX.Element {
  const { me } = useSite();
  const openDialog = useDialogs();
  const say = useToasts();
  const [label, setLabel] = useState('');
  const make = async (): Promise<void> => {
    const made = await makeAppPassword(label.trim());
    setLabel('');
    onMade();
    await openDialog<void>(close => <MadeDialog user={me.name} made={made} onClose={close} />);
  };
  return (
    <form
      className="inline-form"
      onSubmit={event => {
        event.preventDefault();
        make().catch(say.problem);
      }}
    >
      <label className="field">
        <span>Name of the device</span>
        <input value={label} maxLength={80} placeholder="My laptop" onChange={event => setLabel(event.target.value)} />
      </label>
      <Button look="primary" icon="add" type="submit" disabled={!label.trim()}>Make a password</Button>
    </form>
  );
}

function MadeDialog({ user, made, onClose }: { user: string; made: NewAppPassword; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={`App password for “${made.label}”`} onClose={onClose}>
      <p>Copy it now: it is not kept and cannot be shown again.</p>
      <p>User name: <code>{user}</code></p>
      <Copyable label="App password" text={made.password} />
      <DialogActions>
        <Button look="primary" data-first onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  );
}

const TAKING = {
  verb: 'Revoke',
  consequence: 'The device stops syncing at once. The files that it has stay there.',
  done: 'can no longer reach your files.',
};

function Password({ one, reload }: { one: AppPassword; reload: () => void }): JSX.Element {
  return (
    <CredentialCard label={one.label} taking={TAKING} takeBack={() => revokeAppPassword(one.id).then(reload)}>
      <small>made {ago(one.created)}{one.used ? ` · used ${ago(one.used)}` : ' · not used yet'}</small>
    </CredentialCard>
  );
}
