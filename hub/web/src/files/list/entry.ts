import type { MouseEvent } from 'react';
import type { Node } from '../../api/types';
import type { Spot } from '../../ui/Menu';
import type { ListProps } from './types';

/** What a row and a tile have in common. */
export interface EntryProps {
  id: string;
  index: number;
  node: Node;
  list: ListProps;
  active: boolean;
  chosen: boolean;
  onPick: (event: MouseEvent) => void;
  onTick: () => void;
  onMenu: (at: Spot) => void;
}

const DRAGGED = 'application/x-cygnet-paths';

/** Handlers and attributes of the element that stands for the entry. */
export function entryHandlers({ node, list, chosen, active, onPick, onMenu }: EntryProps): React.HTMLAttributes<HTMLElement> {
  const target = node.kind === 'folder' && list.onDrop;
  return {
    className: [node.kind, chosen && 'chosen', active && 'active'].filter(Boolean).join(' '),
    draggable: Boolean(list.onDrop) && list.renaming !== node.path,
    onClick: event => {
      if (!(event.target as Element).closest('a,button,input')) onPick(event);
    },
    onDoubleClick: event => {
      if (!(event.target as Element).closest('a,button,input')) list.onOpen(node);
    },
    onContextMenu: event => {
      event.preventDefault();
      onMenu({ x: event.clientX, y: event.clientY });
    },
    onDragStart: event => {
      const paths = chosen ? [...list.selection.chosen] : [node.path];
      event.dataTransfer.setData(DRAGGED, JSON.stringify(paths));
      event.dataTransfer.effectAllowed = 'move';
    },
    ...(target && dropHandlers(node, target)),
  };
}

function dropHandlers(node: Node, drop: (target: Node, paths: string[]) => void): React.HTMLAttributes<HTMLElement> {
  const over = (event: React.DragEvent, is: boolean): void => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    event.currentTarget.classList.toggle('over', is);
  };
  return {
    onDragOver: event => over(event, true),
    onDragLeave: event => over(event, false),
    onDrop: event => {
      over(event, false);
      const data = event.dataTransfer.getData(DRAGGED);
      if (data) drop(node, JSON.parse(data) as string[]);
    },
  };
}
