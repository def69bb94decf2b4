import { lazy, Suspense } from 'react';
import { t } from '@cygnet/texts';
import type { FileSource } from '../api/files';
import type { Me, Node } from '../api/types';
import { notebookAddress } from '../app/notebook';
import type { Actions } from '../files/useActions';
import { dateTime, size } from '../lib/format';
import { download } from '../lib/download';
import { kindOf, kindWords, type Kind } from '../lib/kinds';
import { mayShare } from '../lib/permissions';
import { Button, IconButton } from '../ui/Button';
import { useModal } from '../ui/Dialog';
import { FileIcon } from '../ui/FileIcon';
import { Empty, Loading } from '../ui/states';
import { CsvPreview } from './CsvPreview';
import { ImagePreview, MediaPreview } from './ImagePreview';
import { NotebookPreview } from './NotebookPreview';
import { RootPreview } from './RootPreview';
import type { PreviewProps } from './types';

// Their libraries are large: fetched when first needed.
const PdfPreview = lazy(() => import('./PdfPreview'));
const TextPreview = lazy(() => import('./TextPreview'));

const BY_KIND: Partial<Record<Kind, React.ComponentType<PreviewProps>>> = {
  notebook: NotebookPreview,
  image: ImagePreview,
  pdf: PdfPreview,
  markdown: TextPreview,
  text: TextPreview,
  code: TextPreview,
  csv: CsvPreview,
  root: RootPreview,
  audio: MediaPreview,
  video: MediaPreview,
};

interface Props {
  source: FileSource;
  /** what lies beside the file; the preview goes to the next and the one before */
  siblings: readonly Node[];
  name: string;
  onName: (name: string) => void;
  onClose: () => void;
  /** only for the person's own tree */
  owned?: { me: Me; actions: Actions };
}

/** A file, large, over the list that it was chosen from. */
export function Preview({ source, siblings, name, onName, onClose, owned }: Props): JSX.Element {
  const files = siblings.filter(node => node.kind === 'file');
  const at = files.findIndex(node => node.name === name);
  const step = (by: number): void => {
    const next = files[at + by];
    if (next) onName(next.name);
  };
  const element = useModal();
  const node = files[at];
  return (
    <dialog
      ref={element}
      className="preview"
      aria-label={t('Preview of {name}', { name })}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={event => {
        event.stopPropagation();
        if ((event.target as Element).closest('input,textarea,select,.preview-body')) return;
        if (event.key === 'ArrowRight') step(1);
        if (event.key === 'ArrowLeft') step(-1);
      }}
    >
      <header className="preview-head">
        <IconButton icon="back" label={t('Close the preview')} onClick={onClose} />
        {node && <FileIcon node={node} size={28} />}
        <div className="preview-title">
          <h1>{name}</h1>
          {node && <small>{kindWords(kindOf(node))} · {size(node.size)} · {dateTime(node.mtime)}</small>}
        </div>
        {node && <Tools node={node} source={source} owned={owned} />}
        <span className="preview-steps">
          <IconButton icon="back" label={t('Previous file')} disabled={at <= 0} onClick={() => step(-1)} />
          <IconButton icon="next" label={t('Next file')} disabled={at < 0 || at >= files.length - 1} onClick={() => step(1)} />
        </span>
      </header>
      <div className="preview-body" role="region" aria-label={t('Contents')} tabIndex={0}>{node ? <PreviewOf key={`${node.path}:${node.etag}`} node={node} source={source} /> : <Gone name={name} />}</div>
    </dialog>
  );
}

/** The preview itself, without a frame. */
export function PreviewOf({ node, source }: PreviewProps): JSX.Element {
  const Draw = BY_KIND[kindOf(node)];
  if (!Draw || node.size === 0) return <NoPreview node={node} source={source} />;
  return (
    <Suspense fallback={<Loading />}>
      <Draw node={node} source={source} />
    </Suspense>
  );
}

function Tools({ node, source, owned }: { node: Node; source: FileSource; owned?: Props['owned'] }): JSX.Element {
  return (
    <div className="preview-tools">
      {owned && kindOf(node) === 'notebook' && (
        <>
          <a className="button primary" href={notebookAddress(owned.me, node.path)}>{t('Open in notebook')}</a>
          <Button icon="link" aria-label={t('Open link and badge')} onClick={() => owned.actions.openLink(node)}>{t('Link')}</Button>
        </>
      )}
      {owned && <Button icon="history" aria-label={t('Versions')} onClick={() => owned.actions.versions(node)}>{t('Versions')}</Button>}
      {owned && mayShare(node) && <Button icon="share" aria-label={t('Share')} onClick={() => owned.actions.share(node)}>{t('Share')}</Button>}
      <Button icon="download" aria-label={t('Download')} onClick={() => download(source.contentUrl(node.path, true))}>{t('Download')}</Button>
    </div>
  );
}

function NoPreview({ node, source }: PreviewProps): JSX.Element {
  return (
    <Empty icon="folder" title={node.size === 0 ? t('This file is empty') : t('No preview for this kind of file')}>
      {node.size > 0 && <p>{t('You can download it and open it with a program on your computer.')}</p>}
      <Button look="primary" icon="download" onClick={() => download(source.contentUrl(node.path, true))}>{t('Download')}</Button>
    </Empty>
  );
}

function Gone({ name }: { name: string }): JSX.Element {
  return <Empty icon="warning" title={t('This file is no longer here')}>{t('“{name}” may have been moved, renamed or deleted.', { name })}</Empty>;
}
