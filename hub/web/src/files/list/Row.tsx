import { t } from '@cygnet/texts';
import { ago, items, dateTime, size } from '../../lib/format';
import { kindOf, kindWords } from '../../lib/kinds';
import { mayShare } from '../../lib/permissions';
import { FileIcon } from '../../ui/FileIcon';
import { IconButton } from '../../ui/Button';
import { Badges } from './Badges';
import { entryHandlers, type EntryProps } from './entry';
import { NameField } from './NameField';
import { NameLink } from './NameLink';

export function Row(props: EntryProps): JSX.Element {
  const { id, index, node, list, chosen, onTick, onMenu } = props;
  const handlers = entryHandlers(props);
  return (
    <div {...handlers} id={id} role="row" aria-rowindex={index + 2} aria-selected={chosen} className={`row ${handlers.className}`}>
      <div role="gridcell" className="cell check">
        <input type="checkbox" tabIndex={-1} checked={chosen} onChange={onTick} aria-label={t('Select {name}', { name: node.name })} />
      </div>
      <div role="gridcell" className="cell name">
        <FileIcon node={node} />
        {list.renaming === node.path ? <NameField node={node} onDone={name => list.onRename?.(node, name)} /> : <Name {...props} />}
      </div>
      <div role="gridcell" className="cell mtime" title={dateTime(node.mtime)}>{ago(node.mtime)}</div>
      <div role="gridcell" className="cell size">{sizeOf(props)}</div>
      <div role="gridcell" className="cell actions">
        {list.onShare && mayShare(node) && (
          <IconButton icon="share" label={t('Share {name}', { name: node.name })} tabIndex={-1} className="on-hover" onClick={() => list.onShare!(node)} />
        )}
        <IconButton
          icon="more"
          label={t('Actions for {name}', { name: node.name })}
          tabIndex={-1}
          aria-haspopup="menu"
          onClick={event => onMenu({ x: event.clientX, y: event.clientY })}
        />
      </div>
    </div>
  );
}

function Name({ node, list, onPick }: EntryProps): JSX.Element {
  return (
    <span className="name-text">
      <span className="name-line">
        <NameLink node={node} list={list} onPick={onPick} />
        <span className="visually-hidden">, {kindWords(kindOf(node))}</span>
        <Badges node={node} />
      </span>
      {list.placeOf && <small className="place">{list.placeOf(node)}</small>}
      <small className="phone-only">{ago(node.mtime)} · {size(node.size)}</small>
    </span>
  );
}

function sizeOf({ node }: EntryProps): string {
  if (node.kind === 'folder' && node.children_count != null) return items(node.children_count);
  return size(node.size);
}
