import { useMemo } from 'react';
import { t, tn } from '@cygnet/texts';
import { size } from '../lib/format';
import { extension } from '../lib/kinds';
import { parseCsv } from '../lib/csv';
import { Empty, Loading } from '../ui/states';
import type { PreviewProps } from './types';
import { useText } from './useText';

const ROWS = 1_000;
const COLUMNS = 100;

export function CsvPreview(props: PreviewProps): JSX.Element {
  const state = useText(props);
  const text = state && 'text' in state ? state.text : null;
  const separator = extension(props.node.name) === 'tsv' ? '\t' : undefined;
  const rows = useMemo(() => (text === null ? [] : parseCsv(text, ROWS + 1, separator)), [text, separator]);
  if (!state) return <Loading />;
  if ('error' in state) return <Empty icon="warning" title={t('This table cannot be shown')}>{state.error}</Empty>;
  const [head = [], ...body] = rows;
  const more = state.cut || rows.length > ROWS;
  return (
    <div className="preview-table">
      {more && <p className="note">{tn('The first row of a file of {size}; download it for all.', 'The first {n} rows of a file of {size}; download it for all.', body.length, { size: size(props.node.size) })}</p>}
      <table>
        <thead>
          <tr>{head.slice(0, COLUMNS).map((cell, at) => <th key={at} scope="col">{cell}</th>)}</tr>
        </thead>
        <tbody>
          {body.map((row, at) => (
            <tr key={at}>{row.slice(0, COLUMNS).map((cell, column) => <td key={column} className={isNumber(cell) ? 'number' : ''}>{cell}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));
