import { useState } from 'react';
import { t } from '@cygnet/texts';
import { kindOf } from '../lib/kinds';
import { Empty } from '../ui/states';
import type { PreviewProps } from './types';

/** As an image even an SVG runs no script. */
export function ImagePreview({ node, source }: PreviewProps): JSX.Element {
  const [broken, setBroken] = useState(false);
  if (broken) return <Empty icon="warning" title={t('This image cannot be shown')}>{t('The file may be damaged, or of a kind that browsers do not know.')}</Empty>;
  return (
    <div className="preview-image">
      <img src={source.contentUrl(node.path)} alt={node.name} onError={() => setBroken(true)} />
    </div>
  );
}

export function MediaPreview({ node, source }: PreviewProps): JSX.Element {
  const address = source.contentUrl(node.path);
  return (
    <div className="preview-image">
      {kindOf(node) === 'video' ? <video controls src={address} /> : <audio controls src={address} />}
    </div>
  );
}
