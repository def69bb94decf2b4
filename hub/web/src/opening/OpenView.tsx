import { useEffect, useId, useState } from 'react';
import { rich, t } from '@cygnet/texts';
import { files } from '../api/files';
import { inWords } from '../api/http';
import { notebookAddress } from '../app/notebook';
import { Link } from '../app/router';
import { folderRoute } from '../app/routes';
import { useSite } from '../app/site';
import { FolderChooser } from '../files/FolderChooser';
import { size } from '../lib/format';
import { basename, freeName, ROOT } from '../lib/paths';
import { PreviewOf } from '../preview/Preview';
import { PasswordForm } from '../public/PasswordForm';
import { Button } from '../ui/Button';
import { useDialogs } from '../ui/dialogs';
import { FileIcon } from '../ui/FileIcon';
import { Icon } from '../ui/Icon';
import { Empty, Loading } from '../ui/states';
import { choices as askChoices, type Choices, type Target } from './api';
import { useOffer, within, type Offer } from './useOffer';

/** Where a link from elsewhere leads: look first, then decide. Nothing is opened or copied before a button is pressed. */
export function OpenView({ target }: { target: Target }): JSX.Element {
  const [found, load] = useOffer(target);
  if (!found) return <Loading />;
  if ('error' in found) return <Nothing words={inWords(found.error)} />;
  if ('locked' in found) return <div className="view"><PasswordForm token={found.locked} onUnlocked={load} /></div>;
  if ('share' in found) return <NotAccepted share={found.share} />;
  return <Decide offer={found.offer} target={target} />;
}

function Nothing({ words }: { words: string }): JSX.Element {
  return (
    <Empty icon="link" title={t('This link leads to nothing that you can see')}>
      <p>{words} {t('Ask who gave you the link to share the file with you, or to make a public link.')}</p>
      <Link className="button primary" to={folderRoute(ROOT)}>{t('All files')}</Link>
    </Empty>
  );
}

function NotAccepted({ share }: { share: string }): JSX.Element {
  return (
    <Empty icon="shared" title={t('This is shared with you, and you have not accepted it yet')}>
      <p>{t('Look at it, accept it, and then open the link again.')}</p>
      <Link className="button primary" to={{ view: 'share', id: share, path: ROOT, file: null }}>{t('Look')}</Link>
    </Empty>
  );
}

function Decide({ offer, target }: { offer: Offer; target: Target }): JSX.Element {
  const { node, source, by } = offer;
  return (
    <div className="view">
      <div className="view-head public-title">
        <FileIcon node={node} size={40} />
        <div>
          <h1>{node.name}</h1>
          <small>{by && <>{t('by {who}', { who: by })} · </>}{size(node.size)}</small>
        </div>
      </div>
      <Bar offer={offer} target={target} />
      <div className="preview-body" role="region" aria-label={t('Contents')} tabIndex={0}>
        {node.kind === 'file' ? <PreviewOf node={node} source={source} /> : <Empty icon="folder" title={node.name}>{t('A folder: copy it to look at what is in it, and to work with it.')}</Empty>}
      </div>
    </div>
  );
}

function useChoices(wanted = ''): [Choices | null, string, (id: string) => void] {
  const { me } = useSite();
  const [known, setKnown] = useState<Choices | null>(null);
  const [chosen, setChosen] = useState('');
  useEffect(() => {
    void askChoices(me).then(answer => {
      setKnown(answer);
      setChosen(answer.running ?? answer.environments.find(one => one.id === wanted)?.id ?? answer.environments[0]?.id ?? '');
    });
  }, [me.hub_url, wanted]);
  return [known, chosen, setChosen];
}

function useFreeName(offer: Offer, folder: string): string {
  const { name } = offer.copied;
  const [free, setFree] = useState(name);
  useEffect(() => {
    if (!offer.take) return;
    files.list(folder).then(({ children }) => setFree(freeName(name, new Set((children ?? []).map(child => child.name.normalize())))), () => setFree(name));
  }, [offer, name, folder]);
  return free;
}

function Bar({ offer, target }: { offer: Offer; target: Target }): JSX.Element {
  const { me } = useSite();
  const openDialog = useDialogs();
  const [folder, setFolder] = useState(ROOT);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [known, environment, setEnvironment] = useChoices(target.environment);
  const name = useFreeName(offer, folder);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      const path = offer.take ? within((await offer.take(folder)).path, offer.inside) : offer.node.path;
      location.assign(notebookAddress(me, path, known?.running === null ? environment : ''));
    } catch (cause) {
      setProblem(inWords(cause));
      setBusy(false);
    }
  };
  const chooseFolder = async (): Promise<void> => {
    const chosen = await openDialog<string>(close => <FolderChooser title={t('Copy to …')} action={t('Copy here')} start={folder} onChoose={close} />);
    if (chosen !== undefined) setFolder(chosen);
  };
  return (
    <div className="open-bar" role="region" aria-label={t('Open this')}>
      <Software known={known} wanted={target.environment} environment={environment} onChoose={setEnvironment} />
      {offer.take && (
        <p>
          {rich('A copy of your own is made: {name} in {folder}.', {
            name: <strong key="name">{name}</strong>,
            folder: <button key="folder" type="button" className="as-link" onClick={() => void chooseFolder()}>{folder === ROOT ? t('All files') : basename(folder)}</button>,
          })}
        </p>
      )}
      {offer.by && <p className="quiet"><Icon name="warning" size={16} /> {t('A notebook can do with your files whatever you can. Run it only if you trust who wrote it.')}</p>}
      <Button look="primary" icon="notebook" disabled={busy || known === null} onClick={() => void run()}>
        {offer.take ? t('Copy to my files and open') : t('Open in notebook')}
      </Button>
      {problem && <p className="field-problem" role="alert">{problem}</p>}
    </div>
  );
}

interface SoftwareProps {
  known: Choices | null;
  wanted?: string;
  environment: string;
  onChoose: (id: string) => void;
}

/** The software that the notebook is opened with: a choice before the server runs, a fact afterwards. */
function Software({ known, wanted = '', environment, onChoose }: SoftwareProps): JSX.Element | null {
  const label = useId();
  if (!known) return null;
  const title = (id: string): string => known.environments.find(one => one.id === id)?.title ?? id;
  const missing = wanted && !known.environments.some(one => one.id === wanted);
  if (known.running !== null) {
    const other = wanted && !missing && wanted !== known.running;
    return other ? (
      <p role="note">{t('The link asks for “{wanted}”. Your server runs with “{running}”: stop it first if that matters.', { wanted: title(wanted), running: title(known.running) })}</p>
    ) : null;
  }
  return (
    <>
      {missing && <p role="note">{t('The link asks for software that is not offered here: “{wanted}”.', { wanted })}</p>}
      {known.environments.length > 1 && (
        <p className="open-software">
          <label htmlFor={label}>{t('Software')}</label>{' '}
          <select id={label} value={environment} onChange={event => onChoose(event.target.value)}>
            {known.environments.map(one => <option key={one.id} value={one.id}>{one.title}</option>)}
          </select>
        </p>
      )}
    </>
  );
}
