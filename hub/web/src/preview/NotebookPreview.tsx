import { useEffect, useState } from 'react';
import { t } from '@cygnet/texts';
import { inWords, send } from '../api/http';
import { Empty, Loading } from '../ui/states';
import type { PreviewProps } from './types';

/**
 * The service renders the notebook; here it is shown in a frame that may run nothing and belongs to no
 * origin, so that what a notebook carries cannot act for the person who looks at it.
 */
export function NotebookPreview({ node, source }: PreviewProps): JSX.Element {
  const address = source.previewUrl(node.path);
  const error = useProblem(address);
  const [drawn, setDrawn] = useState(false);
  if (error) return <Empty icon="warning" title={t('This notebook cannot be shown')}>{error}</Empty>;
  return (
    <>
      {!drawn && <Loading label={t('Drawing the notebook')} />}
      <iframe className="preview-frame paper" sandbox="" title={t('Notebook {name}', { name: node.name })} src={address} onLoad={() => setDrawn(true)} />
    </>
  );
}

/** A frame does not tell how its request ended, so that is asked first. */
function useProblem(address: string): string | null {
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    send(address, { signal: abort.signal }).catch((cause: unknown) => abort.signal.aborted || setError(inWords(cause)));
    return () => abort.abort();
  }, [address]);
  return error;
}
