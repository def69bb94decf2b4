import { mark, t } from '@cygnet/texts';
import { all, NOTHING } from '../../lib/selection';
import { clicked, type SortKey } from '../../lib/sort';
import type { ListProps } from './types';

const COLUMNS: { key: SortKey; words: string }[] = [
  { key: 'name', words: mark('Name') },
  { key: 'mtime', words: mark('Changed') },
  { key: 'size', words: mark('Size') },
];

export function Heading({ list, keys }: { list: ListProps; keys: string[] }): JSX.Element {
  const { selection, onSelection } = list;
  const every = keys.length > 0 && selection.chosen.size === keys.length;
  return (
    <div role="row" aria-rowindex={1} className="row list-head">
      <div role="columnheader" className="cell check">
        <input
          type="checkbox"
          aria-label={t('Select all')}
          checked={every}
          ref={box => box && (box.indeterminate = !every && selection.chosen.size > 0)}
          onChange={() => onSelection(every ? NOTHING : all(keys, selection))}
        />
      </div>
      {COLUMNS.map(({ key, words }) => (
        <Column key={key} list={list} by={key} words={(key === 'mtime' && list.timeWords) || t(words)} />
      ))}
      <div role="columnheader" className="cell actions">
        <span className="visually-hidden">{t('Actions')}</span>
      </div>
    </div>
  );
}

function Column({ list, by, words }: { list: ListProps; by: SortKey; words: string }): JSX.Element {
  const { order, onOrder } = list;
  const mine = order?.by === by;
  const direction = mine ? (order.descending ? 'descending' : 'ascending') : 'none';
  return (
    <div role="columnheader" className={`cell ${by}`} aria-sort={order && direction}>
      {order && onOrder ? (
        <button type="button" onClick={() => onOrder(clicked(order, by))}>
          {words}
          <i aria-hidden="true">{mine ? (order.descending ? '↓' : '↑') : ''}</i>
        </button>
      ) : (
        words
      )}
    </div>
  );
}
