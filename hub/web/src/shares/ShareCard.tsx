import type { ReactNode } from 'react';
import type { Share } from '@cygnet/sharing';
import { FileIcon } from '../ui/FileIcon';

interface Props {
  share: Share;
  /** the name, as a link where it leads somewhere */
  name: ReactNode;
  words: ReactNode;
  children: ReactNode;
}

/** One share in a list: what, with whom, and what can be done. */
export function ShareCard({ share, name, words, children }: Props): JSX.Element {
  return (
    <li className="card">
      <FileIcon node={{ name: share.name, mime: share.mime, kind: share.item }} size={36} />
      <div className="card-text">
        <strong>{name}</strong>
        <small>{words}</small>
        {share.note && <q>{share.note}</q>}
      </div>
      <div className="card-actions">{children}</div>
    </li>
  );
}
