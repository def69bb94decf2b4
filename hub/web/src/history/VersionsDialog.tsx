import { useCallback, useEffect, useState } from 'react';
import { t } from '@cygnet/texts';
import * as api from '../api/history';
import type { Version } from '../api/history';
import { inWords } from '../api/http';
import type { Node } from '../api/types';
import { download } from '../lib/download';
import { ago, dateTime, size } from '../lib/format';
import { mayWrite } from '../lib/permissions';
import { Preview } from '../preview/Preview';
import { Button, IconButton } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { Loading } from '../ui/states';
import { useToasts } from '../ui/toasts';

interface Props {
  node: Node;
  onRestored: () => void;
  onClose: () => void;
}

/** What a file was before: to look at, to take, and to go back to. */
export function VersionsDialog({ node, onRestored, onClose }: Props): JSX.Element {
  const { versions, error, reload } = useVersions(node.path);
  return (
    <Dialog title={t('Versions of “{name}”', { name: node.name })} onClose={onClose} wide>
      {error && <p className="field-problem" role="alert">{error}</p>}
      {!versions && !error && <Loading />}
      {versions?.length === 1 && <p className="quiet">{t('This file has not been changed since it was stored. When it is, what it was before is kept here.')}</p>}
      {versions && (
        <ul className="versions" aria-label={t('Versions, the newest first')}>
          {versions.map(version => <Row key={version.id} node={node} version={version} onRestored={() => { onRestored(); reload(); }} />)}
        </ul>
      )}
    </Dialog>
  );
}

function useVersions(path: string): { versions: Version[] | null; error: string | null; reload: () => void } {
  const [versions, setVersions] = useState<Version[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const reload = useCallback(() => {
    api.versions(path).then(setVersions, (cause: unknown) => setError(inWords(cause)));
  }, [path]);
  useEffect(reload, [reload]);
  return { versions, error, reload };
}

function Row({ node, version, onRestored }: { node: Node; version: Version; onRestored: () => void }): JSX.Element {
  const say = useToasts();
  const openDialog = useDialogs();
  const source = api.versionSource(version.id);
  const when = dateTime(version.created);
  const look = (): void =>
    void openDialog<void>(close => (
      <Preview
        source={source}
        siblings={[{ ...node, size: version.size, mtime: version.created, etag: version.id }]}
        name={node.name}
        onName={() => undefined}
        onClose={() => close()}
      />
    ));
  const restore = (): void =>
    void api
      .restoreVersion(node.path, version.id)
      .then(() => {
        say({ text: t('“{name}” is again as it was on {when}.', { name: node.name, when }) });
        onRestored();
      })
      .catch(say.problem);
  return (
    <li className={version.current ? 'version current' : 'version'}>
      <div className="card-text">
        <strong title={when}>{version.current ? t('Now') : ago(version.created)}</strong>
        <small>{version.author.display_name || t('somebody')} · {size(version.size)} · <time>{when}</time></small>
      </div>
      <Button look="quiet" aria-label={t('Look at the version of {when}', { when })} onClick={look}>{t('Look')}</Button>
      <IconButton icon="download" label={t('Download the version of {when}', { when })} onClick={() => download(source.contentUrl(node.path, true))} />
      {!version.current && mayWrite(node) && <Button aria-label={t('Restore the version of {when}', { when })} onClick={restore}>{t('Restore')}</Button>}
    </li>
  );
}
