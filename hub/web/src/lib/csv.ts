/** Comma-separated values (RFC 4180), as forgiving as people's files need. */

const SEPARATORS = [',', ';', '\t', '|'];

/** The separator that occurs most often in the first line, outside quotes. */
export function separatorOf(text: string): string {
  const line = text.slice(0, 10_000).split(/\r?\n/, 1)[0].replace(/"[^"]*"/g, '');
  const counts = SEPARATORS.map(separator => line.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

/** Rows of fields; stops after `limit` rows. */
export function parseCsv(text: string, limit: number, separator = separatorOf(text)): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(field);
    rows.push(row);
    row = [];
    field = '';
  };
  for (let at = 0; at < text.length && rows.length < limit; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === separator) {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') field += char;
  }
  if (rows.length < limit && (field || row.length)) endRow();
  return rows;
}
