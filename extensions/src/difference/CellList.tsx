import { t, tn } from '../texts';
import type { CellDifference, Lines } from './types';

/** What the two sides are called. */
export interface SideNames {
  readonly left: string;
  readonly right: string;
}

export interface CellListProps {
  readonly cells: readonly CellDifference[];
  readonly names: SideNames;
  /** Words for a cell, such as who changed it. */
  readonly words: (cell: CellDifference) => string;
}

/** The cells of two copies of a notebook, with the lines that differ. */
export function CellList({ cells, names, words }: CellListProps): JSX.Element {
  return (
    <div className="cygnet-difference" role="region" aria-label={t('What differs')} tabIndex={0}>
      <ol>
        {cells.map((cell, index) => (
          <li key={index} className={`cygnet-cell-${cell.kind}`}>
            {cell.kind === 'same' ? <Same count={cell.count} /> : <Changed cell={cell} names={names} words={words(cell)} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Same({ count }: { readonly count: number }): JSX.Element {
  return <span className="cygnet-quiet">{tn('{n} cell is the same', '{n} cells are the same', count)}</span>;
}

interface ChangedProps {
  readonly cell: CellDifference;
  readonly names: SideNames;
  readonly words: string;
}

function Changed({ cell, names, words }: ChangedProps): JSX.Element {
  return (
    <>
      <p className="cygnet-cell-title">{words}</p>
      <pre>
        {cell.lines.map((lines, index) => (
          <Some key={index} lines={lines} names={names} />
        ))}
      </pre>
      {cell.outputs && <p className="cygnet-quiet">{t('The outputs differ.')}</p>}
    </>
  );
}

function Some({ lines, names }: { readonly lines: Lines; readonly names: SideNames }): JSX.Element {
  const { side, text, skipped } = lines;
  if (skipped) {
    return (
      <span className="cygnet-line cygnet-quiet">
        <span className="cygnet-side" />
        {tn('… {n} line is the same', '… {n} lines are the same', skipped)}
      </span>
    );
  }
  return (
    <>
      {text.split('\n').map((line, index) => (
        <span key={index} className={`cygnet-line cygnet-${side}`}>
          <span className="cygnet-side">{side === 'same' ? '' : names[side]}</span>
          {line}
          {'\n'}
        </span>
      ))}
    </>
  );
}
