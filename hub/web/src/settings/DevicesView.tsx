import { useCallback, useEffect, useState } from 'react';
import { rich, t } from '@cygnet/texts';
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
import { Certificates } from './Certificates';
import { CredentialCard, type Taking } from './CredentialCard';

/** Laptops, phones and programs that reach the files with a password of their own. */
export function DevicesView(): JSX.Element {
  const { passwords, error, reload } = usePasswords();
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{t('Devices')}</h1></div>
      <div className="settings">
        <Connect />
        <section>
          <h2>{t('App passwords')}</h2>
          <p className="quiet">{t('One for each device or program, so that you can take it back from one without touching the others. It opens your files, not your account.')}</p>
          <NewPassword onMade={reload} />
          {error && <p className="field-problem" role="alert">{error}</p>}
          {!passwords && !error && <Loading />}
          {passwords?.length === 0 && <p className="quiet">{t('No device is connected yet.')}</p>}
          {passwords && passwords.length > 0 && (
            <ul className="cards-plain">{passwords.map(one => <Password key={one.id} one={one} reload={reload} />)}</ul>
          )}
        </section>
        <AccessKeys />
        <Certificates />
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
      <h2>{t('Connect the Nextcloud desktop client')}</h2>
      <p className="quiet">{t('The same files on your computer: what you change there is changed here, and the other way round.')}</p>
      <ol className="steps">
        <li>{rich('Install the Nextcloud desktop client and choose {button}.', { button: <em key="button">{t('Log in')}</em> })}</li>
        <li>
          {t('Enter this server address:')}
          <Copyable label={t('Server address')} text={address} />
        </li>
        <li>
          {rich('Log in as {name} with an app password that you make below. Any WebDAV program works too, with this address:', { name: <code key="name">{me.name}</code> })}
          <Copyable label={t('WebDAV address')} text={`${address}/remote.php/dav/files/${encodeURIComponent(me.name)}/`} />
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
        <span>{t('Name of the device')}</span>
        <input value={label} maxLength={80} placeholder={t('My laptop')} onChange={event => setLabel(event.target.value)} />
      </label>
      <Button look="primary" icon="add" type="submit" disabled={!label.trim()}>{t('Make a password')}</Button>
    </form>
  );
}

function MadeDialog({ user, made, onClose }: { user: string; made: NewAppPassword; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t('App password for “{label}”', { label: made.label })} onClose={onClose}>
      <p>{t('Copy it now: it is not kept and cannot be shown again.')}</p>
      <p>{rich('User name: {user}', { user: <code key="user">{user}</code> })}</p>
      <Copyable label={t('App password')} text={made.password} />
      <DialogActions>
        <Button look="primary" data-first onClick={onClose}>{t('Done')}</Button>
      </DialogActions>
    </Dialog>
  );
}

const taking = (label: string): Taking => ({
  verb: t('Revoke'),
  about: t('Revoke {label}', { label }),
  question: t('Revoke “{label}”?', { label }),
  consequence: t('The device stops syncing at once. The files that it has stay there.'),
  done: t('“{label}” can no longer reach your files.', { label }),
});

function Password({ one, reload }: { one: AppPassword; reload: () => void }): JSX.Element {
  return (
    <CredentialCard label={one.label} taking={taking(one.label)} takeBack={() => revokeAppPassword(one.id).then(reload)}>
      <small>{t('made {ago}', { ago: ago(one.created) })} · {one.used ? t('used {ago}', { ago: ago(one.used) }) : t('not used yet')}</small>
    </CredentialCard>
  );
}
