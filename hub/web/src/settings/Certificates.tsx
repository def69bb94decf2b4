import { useCallback, useEffect, useState } from 'react';
import { t } from '@cygnet/texts';
import {
  addCertificate,
  certificates,
  removeCertificate,
  type Certificate,
  type KnownCertificates,
} from '../api/certificates';
import { inWords } from '../api/http';
import { ago } from '../lib/format';
import { Button } from '../ui/Button';
import { Copyable } from '../ui/Copyable';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { useToasts } from '../ui/toasts';
import { CredentialCard, type Taking } from './CredentialCard';

/** Certificates of the grid: added by whoever has their keys, removed. */
export function Certificates(): JSX.Element | null {
  const { known, error, reload } = useCertificates();
  const openDialog = useDialogs();
  if (known && !known.address && known.certificates.length === 0) return null; // none are accepted here
  const add = async (): Promise<void> => {
    await openDialog<void>(close => <AddDialog onClose={close} />);
    reload();
  };
  return (
    <section>
      <h2>{t('Certificates')}</h2>
      <p className="quiet">{t('A certificate of the grid, and every proxy that you make of it, opens your files from jobs and programs.')}</p>
      {error && <p className="field-problem" role="alert">{error}</p>}
      {known?.certificates.length === 0 && <p className="quiet">{t('There is no certificate yet.')}</p>}
      {known && known.certificates.length > 0 && (
        <ul className="cards-plain">{known.certificates.map(one => <OneCertificate key={one.id} one={one} reload={reload} />)}</ul>
      )}
      <Button look="primary" icon="add" onClick={() => void add()}>{t('Add a certificate')}</Button>
    </section>
  );
}

function useCertificates(): { known: KnownCertificates | null; error: string | null; reload: () => void } {
  const [known, setKnown] = useState<KnownCertificates | null>(null);
  const [error, setError] = useState<string | null>(null);
  const reload = useCallback(() => {
    certificates().then(setKnown, (cause: unknown) => setError(inWords(cause)));
  }, []);
  useEffect(reload, [reload]);
  return { known, error, reload };
}

/** Both ways to show that a certificate's key is one's own; what they need counts for 15 minutes. */
function AddDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { known, error } = useCertificates();
  return (
    <Dialog title={t('Add a certificate')} wide onClose={onClose}>
      {error && <p className="field-problem" role="alert">{error}</p>}
      {known && (
        <>
          <p>{t('Where your certificate is, run this within 15 minutes. The code in it is a secret.')}</p>
          <Copyable label={t('Command with the code')} text={claimCommand(known)} />
          <p>{t('Or paste the certificate here, with a signature that shows that its key is yours:')}</p>
          <Copyable label={t('Command that signs')} text={signCommand(known)} />
          <Paste onAdded={onClose} />
        </>
      )}
    </Dialog>
  );
}

const claimCommand = ({ code, address }: KnownCertificates): string =>
  `cygnet certificates add ${code} --url ${address} --cert ~/.globus/usercert.pem --key ~/.globus/userkey.pem`;

const signCommand = ({ challenge }: KnownCertificates): string =>
  `printf %s ${challenge} | openssl dgst -sha256 -sign ~/.globus/userkey.pem | base64`;

function Paste({ onAdded }: { onAdded: () => void }): JSX.Element {
  const say = useToasts();
  const [certificate, setCertificate] = useState('');
  const [signature, setSignature] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const add = async (): Promise<void> => {
    const added = await addCertificate(certificate, signature);
    say({ text: t('“{label}” opens your files now.', { label: added.subject }) });
    onAdded();
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        add().catch((cause: unknown) => setProblem(inWords(cause)));
      }}
    >
      <label className="field">
        <span>{t('Certificate')}</span>
        <textarea rows={4} value={certificate} onChange={event => setCertificate(event.target.value)} />
      </label>
      <label className="field">
        <span>{t('Signature')}</span>
        <textarea rows={3} value={signature} onChange={event => setSignature(event.target.value)} />
      </label>
      {problem && <p className="field-problem" role="alert">{problem}</p>}
      <DialogActions>
        <Button look="primary" type="submit" disabled={!certificate.trim() || !signature.trim()}>{t('Add')}</Button>
      </DialogActions>
    </form>
  );
}

const taking = (label: string): Taking => ({
  verb: t('Remove'),
  about: t('Remove {label}', { label }),
  question: t('Remove “{label}”?', { label }),
  consequence: t('Jobs and programs with this certificate or a proxy of it are refused at once. Your files stay.'),
  done: t('“{label}” opens nothing any more.', { label }),
});

function OneCertificate({ one, reload }: { one: Certificate; reload: () => void }): JSX.Element {
  const added = one.by_administrator ? t('added by an administrator {ago}', { ago: ago(one.created) }) : t('added {ago}', { ago: ago(one.created) });
  return (
    <CredentialCard label={one.subject} taking={taking(one.subject)} takeBack={() => removeCertificate(one.id).then(reload)}>
      {one.issuer && <small>{t('by {authority}', { authority: one.issuer })}</small>}
      <small>{added} · {one.last_used ? t('used {ago}', { ago: ago(one.last_used) }) : t('not used yet')}</small>
    </CredentialCard>
  );
}
