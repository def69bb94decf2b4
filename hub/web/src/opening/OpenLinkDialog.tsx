import { useEffect, useId, useState } from 'react';
import { t } from '@cygnet/texts';
import type { Share, SharingClient } from '@cygnet/sharing';
import { basePath, inWords } from '../api/http';
import type { Me, Node } from '../api/types';
import { Button } from '../ui/Button';
import { Copyable } from '../ui/Copyable';
import { Dialog } from '../ui/Dialog';
import { badge, choices, openLink, type Environment } from './api';

interface Props {
  node: Node;
  me: Me;
  sharing: SharingClient;
  /** a public link was made */
  onShared: () => void;
  onClose: () => void;
}

/** Makes the link that opens a notebook here, for those who have the file or for everybody, and its badge. */
export function OpenLinkDialog({ node, me, sharing, onShared, onClose }: Props): JSX.Element {
  const [everybody, setEverybody] = useState(false);
  const [token, setToken] = useState('');
  const [environment, setEnvironment] = useState('');
  const ready = !everybody || token !== '';
  const target = everybody ? { link: token } : { file: node.id };
  const link = openLink(me, { ...target, environment });
  return (
    <Dialog title={t('Link that opens “{name}” here', { name: node.name })} onClose={onClose} wide>
      <p>{t('Who follows the link logs in, sees a preview, and then opens the notebook with the software that you choose.')}</p>
      <fieldset className="choices">
        <legend>{t('For whom')}</legend>
        <label><input type="radio" name="whom" checked={!everybody} data-first onChange={() => setEverybody(false)} /> {t('People who have this file: you, and whom you share it with')}</label>
        <label><input type="radio" name="whom" checked={everybody} onChange={() => setEverybody(true)} /> {t('Everybody with an account: they get a copy by a public link')}</label>
      </fieldset>
      {everybody && <PublicLink node={node} sharing={sharing} token={token} onToken={setToken} onShared={onShared} />}
      <Software me={me} chosen={environment} onChoose={setEnvironment} />
      {ready && (
        <>
          <h3>{t('Link')}</h3>
          <Copyable label={t('Link')} text={link} />
          <h3>{t('Badge for a README')}</h3>
          <p><img src={`${basePath()}open-in-cygnet.svg`} alt={t('Badge: Open in Cygnet')} width={132} height={24} /></p>
          <Copyable label={t('Badge as Markdown')} text={badge(basePath(), link)} />
        </>
      )}
    </Dialog>
  );
}

const tokenOf = (share: Share): string => share.url?.split('/').pop() ?? '';

interface PublicLinkProps extends Pick<Props, 'node' | 'sharing' | 'onShared'> {
  token: string;
  onToken: (token: string) => void;
}

/** The public link of the file: one that is there, or a new one. */
function PublicLink({ node, sharing, token, onToken, onShared }: PublicLinkProps): JSX.Element | null {
  const [problem, setProblem] = useState('');
  useEffect(() => {
    sharing.sharesOf(node.path).then(
      shares => onToken(tokenOf(shares.find(share => share.kind === 'link' && !share.has_password && !share.expires) ?? ({} as Share))),
      (cause: unknown) => setProblem(inWords(cause)),
    );
  }, [sharing, node.path, onToken]);
  const make = (): void =>
    void sharing.create({ path: node.path, kind: 'link', role: 'viewer' }).then(
      share => {
        onToken(tokenOf(share));
        onShared();
      },
      (cause: unknown) => setProblem(inWords(cause)),
    );
  if (problem) return <p className="field-problem" role="alert">{problem}</p>;
  if (token) return null;
  return (
    <p>
      {t('There is no public link to this file yet.')}{' '}
      <Button icon="link" onClick={make}>{t('Make a public link')}</Button>
    </p>
  );
}

function Software({ me, chosen, onChoose }: { me: Me; chosen: string; onChoose: (id: string) => void }): JSX.Element | null {
  const label = useId();
  const [offered, setOffered] = useState<Environment[]>([]);
  useEffect(() => void choices(me).then(answer => setOffered(answer.environments)), [me]);
  if (offered.length < 2) return null;
  return (
    <p className="open-software">
      <label htmlFor={label}>{t('Software')}</label>{' '}
      <select id={label} value={chosen} onChange={event => onChoose(event.target.value)}>
        <option value="">{t('Whatever the person uses')}</option>
        {offered.map(one => <option key={one.id} value={one.id}>{one.title}</option>)}
      </select>
    </p>
  );
}
