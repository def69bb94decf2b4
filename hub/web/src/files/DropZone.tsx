import { useRef, useState, type ReactNode } from 'react';
import { t } from '@cygnet/texts';
import type { Node } from '../api/types';
import { basename, ROOT } from '../lib/paths';
import { mayAdd } from '../lib/permissions';
import { Icon } from '../ui/Icon';
import { fromDrop, type Picked } from '../uploads/collect';

interface Props {
  folder?: Node;
  onFiles: (picked: Picked[]) => void;
  children: ReactNode;
}

const carriesFiles = (event: React.DragEvent): boolean => event.dataTransfer.types.includes('Files');

/** The whole view takes files that are dropped on it. */
export function DropZone({ folder, onFiles, children }: Props): JSX.Element {
  const [over, setOver] = useState(false);
  const depth = useRef(0); // enter and leave also come from every element inside
  const welcome = folder !== undefined && mayAdd(folder);
  const enter = (event: React.DragEvent, step: number): void => {
    if (!carriesFiles(event)) return;
    depth.current += step;
    setOver(depth.current > 0);
  };
  const drop = (event: React.DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    if (welcome) void fromDrop(event.dataTransfer).then(onFiles);
  };
  return (
    <div
      className="view"
      onDragEnter={event => enter(event, 1)}
      onDragLeave={event => enter(event, -1)}
      onDragOver={event => carriesFiles(event) && event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {over && (
        <div className="drop-hint">
          <Icon name={welcome ? 'upload' : 'warning'} size={40} />
          <strong>{welcome ? t('Drop to put it into {folder}', { folder: placeWords(folder) }) : t('You cannot add anything to this folder')}</strong>
        </div>
      )}
    </div>
  );
}

function placeWords({ path }: Node): string {
  return path === ROOT ? t('All files') : t('“{name}”', { name: basename(path) });
}
