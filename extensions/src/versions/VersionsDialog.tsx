import { useEffect, useState } from 'react';
import { type CellDifference, CellList } from '../difference';
import { messageOf } from '../sharing';
import { locale, mark, size, t } from '../texts';
import type { Version, VersionsClient } from './client';

export interface VersionsDialogProps {
  readonly client: VersionsClient;
  readonly path: string;
  readonly onRestore: (version: Version) => Promise<void>;
  readonly onCopy: (version: Version) => Promise<void>;
}

/** The versions of a file at the side, and what has changed since the one that is chosen. */
export function VersionsDialog({ client, path, onRestore, onCopy }: VersionsDialogProps): JSX.Element {
  const [versions, setVersions] = useState<readonly Version[] | null>(null);
  const [chosen, setChosen] = useState<Version | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    client.list(path).then(
      found => {
        setVersions(found);
        setChosen(found.find(version => !version.current) ?? null);
      },
      (reason: unknown) => setError(messageOf(reason))
    );
  }, [client, path]);
  const act = async (action: (version: Version) => Promise<void>): Promise<void> => {
    if (chosen) {
      setBusy(true);
      setError('');
      await action(chosen).catch((reason: unknown) => setError(messageOf(reason)));
      setBusy(false);
    }
  };
  return (
    <div className="cygnet-versions" aria-busy={busy || (versions === null && !error)}>
      {error && <p role="alert">{error}</p>}
      {versions?.length === 1 && <p>{t('This file has one version. When it changes, what it was before is kept here.')}</p>}
      {versions && versions.length > 1 && (
        <div className="cygnet-beside">
          <ul aria-label={t('Versions, the newest first')}>
            {versions.map(version => (
              <li key={version.id}>
                <Choice version={version} chosen={version === chosen} onChoose={() => setChosen(version)} />
              </li>
            ))}
          </ul>
          <div className="cygnet-since">
            {chosen && <Since key={chosen.id} client={client} path={path} version={chosen} />}
            <div className="cygnet-actions">
              <button type="button" className="cygnet-button cygnet-primary" disabled={busy || !chosen} onClick={() => void act(onRestore)}>
                {t('Restore')}
              </button>
              <button type="button" className="cygnet-button" disabled={busy || !chosen} onClick={() => void act(onCopy)}>
                {t('Restore as a copy')}
              </button>
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly version: Version;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Choice({ version, chosen, onChoose }: ChoiceProps): JSX.Element {
  const time = new Date(version.created * 1000).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' });
  return (
    <button type="button" className="cygnet-version" aria-pressed={chosen} disabled={version.current} onClick={onChoose}>
      <strong>{version.current ? t('Now') : time}</strong>
      <span className="cygnet-quiet">
        {version.author.display_name} · {size(version.size)}
      </span>
    </button>
  );
}

type Asked = { readonly cells: readonly CellDifference[] | null } | { readonly error: string } | null;

const WORDS = {
  changed: mark('Changed since'),
  left: mark('Deleted since'),
  right: mark('Added since')
};

function Since({ client, path, version }: { client: VersionsClient; path: string; version: Version }): JSX.Element {
  const [asked, setAsked] = useState<Asked>(null);
  useEffect(() => {
    let current = true;
    client.compare(path, version).then(
      cells => current && setAsked({ cells }),
      (reason: unknown) => current && setAsked({ error: messageOf(reason) })
    );
    return () => void (current = false);
  }, [client, path, version]);
  if (asked === null) {
    return <p role="status">{t('Comparing…')}</p>;
  }
  if ('error' in asked) {
    return <p role="alert">{asked.error}</p>;
  }
  if (asked.cells === null) {
    return <p className="cygnet-quiet">{t('The two cannot be shown side by side.')}</p>;
  }
  if (asked.cells.every(cell => cell.kind === 'same')) {
    return <p>{t('Nothing differs from what the file is now.')}</p>;
  }
  const names = { left: t('then'), right: t('now') };
  return <CellList cells={asked.cells} names={names} words={({ kind }) => (kind === 'same' ? '' : t(WORDS[kind]))} />;
}
