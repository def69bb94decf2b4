import { useState } from 'react';
import { t } from '@cygnet/texts';
import { ago, size } from '../../lib/format';
import { extension, kindOf, kindWords } from '../../lib/kinds';
import { FileIcon } from '../../ui/FileIcon';
import { IconButton } from '../../ui/Button';
import { Badges } from './Badges';
import { entryHandlers, type EntryProps } from './entry';
import { NameField } from './NameField';
import { NameLink } from './NameLink';

const LARGEST_THUMBNAIL = 4_000_000; // bytes: the whole picture is fetched

export function Tile(props: EntryProps): JSX.Element {
  const { id, node, list, chosen, onTick, onMenu, onPick } = props;
  const handlers = entryHandlers(props);
  return (
    <div {...handlers} id={id} role="gridcell" aria-selected={chosen} className={`tile ${handlers.className}`}>
      <input type="checkbox" tabIndex={-1} checked={chosen} onChange={onTick} aria-label={t('Select {name}', { name: node.name })} />
      <IconButton
        icon="more"
        label={t('Actions for {name}', { name: node.name })}
        tabIndex={-1}
        aria-haspopup="menu"
        onClick={event => onMenu({ x: event.clientX, y: event.clientY })}
      />
      <Face {...props} />
      <div className="tile-text">
        {list.renaming === node.path ? (
          <NameField node={node} onDone={name => list.onRename?.(node, name)} />
        ) : (
          <span className="name-line">
            <NameLink node={node} list={list} onPick={onPick} />
            <span className="visually-hidden">, {kindWords(kindOf(node))}</span>
            <Badges node={node} />
          </span>
        )}
        <small>{ago(node.mtime)} · {size(node.size)}</small>
      </div>
    </div>
  );
}

/** A picture shows itself; anything else, and a picture that cannot be drawn, its kind. */
function Face({ node, list }: EntryProps): JSX.Element {
  const [broken, setBroken] = useState(false);
  const picture = list.thumbnailOf && kindOf(node) === 'image' && extension(node.name) !== 'svg';
  const shown = picture && !broken && node.size <= LARGEST_THUMBNAIL;
  return (
    <div className="tile-face" onDoubleClick={() => list.onOpen(node)}>
      {shown ? (
        <img src={list.thumbnailOf!(node)} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setBroken(true)} />
      ) : (
        <FileIcon node={node} size={64} />
      )}
    </div>
  );
}
