import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { t } from '@cygnet/texts';
import type { Node } from '../../api/types';
import { all, NOTHING, only, range, step, toggle } from '../../lib/selection';
import { Menu, type Spot } from '../../ui/Menu';
import { useWindow } from '../useWindow';
import { Heading } from './Heading';
import { Row } from './Row';
import { Tile } from './Tile';
import type { ListProps } from './types';
import { useColumns, TILE_HEIGHT, ROW_HEIGHT } from './useColumns';

/**
 * A list of files and folders as a grid (WAI-ARIA): the grid has the focus and says which entry is active;
 * only entries near the seen part are in the page, so that ten thousand are as quick as ten.
 */
export function NodeList(props: ListProps): JSX.Element {
  const { nodes, look, selection, onSelection } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(scroller, look);
  const rowHeight = look === 'tiles' ? TILE_HEIGHT : ROW_HEIGHT;
  const rowCount = Math.ceil(nodes.length / columns);
  const { first, end } = useWindow(scroller, rowCount, rowHeight);
  const keys = useMemo(() => nodes.map(node => node.path), [nodes]);
  const prefix = useId();
  const [menu, setMenu] = useState<{ node: Node; at: Spot } | null>(null);
  const activeAt = selection.active === null ? -1 : keys.indexOf(selection.active);
  useActiveInView(scroller, activeAt < 0 ? -1 : Math.floor(activeAt / columns), rowHeight);

  const openMenu = useCallback(
    (node: Node, at: Spot) => {
      if (!selection.chosen.has(node.path)) onSelection(only(node.path));
      setMenu({ node, at });
    },
    [selection, onSelection],
  );

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== scroller.current) return;
    const active = nodes[activeAt];
    const page = Math.max(1, Math.floor(scroller.current.clientHeight / rowHeight) - 1);
    const by = stepOf(event.key, columns, page);
    if (by !== 0) onSelection(step(selection, keys, by, event.shiftKey));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onSelection(all(keys, selection));
    else if (event.key === 'Escape' && selection.chosen.size) onSelection({ ...NOTHING, active: selection.active });
    else if (event.key === ' ' && active) onSelection(toggle(selection, active.path));
    else if (event.key === 'Enter' && active) props.onOpen(active);
    else if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && active) {
      openMenu(active, below(document.getElementById(`${prefix}-${activeAt}`)));
    } else {
      props.onKey?.(event);
      return;
    }
    event.preventDefault();
  };

  const entry = (at: number): JSX.Element => {
    const node = nodes[at];
    const Entry = look === 'tiles' ? Tile : Row;
    return (
      <Entry
        key={node.path}
        id={`${prefix}-${at}`}
        index={at}
        node={node}
        list={props}
        active={at === activeAt}
        chosen={selection.chosen.has(node.path)}
        onPick={event => {
          if (event.shiftKey) onSelection(range(selection, keys, node.path));
          else onSelection(event.ctrlKey || event.metaKey ? toggle(selection, node.path) : only(node.path));
        }}
        onTick={() => onSelection(toggle(selection, node.path))}
        onMenu={at => openMenu(node, at)}
      />
    );
  };

  const rows: JSX.Element[] = [];
  for (let row = first; row < end; row++) {
    const cells = [];
    for (let at = row * columns; at < Math.min(nodes.length, (row + 1) * columns); at++) cells.push(entry(at));
    rows.push(look === 'table' ? cells[0] : <div role="row" aria-rowindex={row + 1} className="tile-row" key={row}>{cells}</div>);
  }

  return (
    <>
      <div
        ref={scroller}
        className={`list ${look}`}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-multiselectable="true"
        aria-rowcount={rowCount + (look === 'table' ? 1 : 0)}
        aria-activedescendant={activeAt < 0 ? undefined : `${prefix}-${activeAt}`}
        onKeyDown={onKeyDown}
        style={{ '--columns': columns } as React.CSSProperties}
      >
        {look === 'table' && <Heading list={props} keys={keys} />}
        <div role="presentation" className="list-body" style={{ height: rowCount * rowHeight }}>
          <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>{rows}</div>
        </div>
      </div>
      {menu && <Menu label={t('Actions for {name}', { name: menu.node.name })} items={props.menuOf(menu.node)} at={menu.at} onClose={() => setMenu(null)} />}
    </>
  );
}

function stepOf(key: string, columns: number, page: number): number {
  switch (key) {
    case 'ArrowDown':
      return columns;
    case 'ArrowUp':
      return -columns;
    case 'ArrowRight':
      return columns > 1 ? 1 : 0;
    case 'ArrowLeft':
      return columns > 1 ? -1 : 0;
    case 'PageDown':
      return page * columns;
    case 'PageUp':
      return -page * columns;
    case 'Home':
      return -Infinity;
    case 'End':
      return Infinity;
    default:
      return 0;
  }
}

function below(element: Element | null): Spot {
  const box = element?.getBoundingClientRect();
  return box ? { x: box.left + 48, y: box.bottom } : { x: 0, y: 0 };
}

/** Scrolls as little as needed to show the row the keyboard is on. */
function useActiveInView(scroller: React.RefObject<HTMLElement>, row: number, rowHeight: number): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || row < 0) return;
    const head = element.querySelector<HTMLElement>('.list-head')?.offsetHeight ?? 0;
    const top = row * rowHeight;
    const bottom = top + rowHeight + head;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  }, [scroller, row, rowHeight]);
}
