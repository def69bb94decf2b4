/** Python code that reads a part of a ROOT file, for a notebook. */

export interface Place {
  kind: 'histogram' | 'branch' | 'tree' | 'object';
  /** of the object in the file, with the folders above it */
  path: string;
  /** of a tree */
  branch?: string;
}

const KEYWORDS = new Set(
  'and as assert async await break case class continue def del elif else except file finally for from global if import in is lambda match None nonlocal not or pass print raise return True False try type uproot while with yield'.split(' '),
);

/** A name for a variable. */
export function variable(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  if (!plain) return 'data';
  return /^[0-9]/.test(plain) || KEYWORDS.has(plain) ? `data_${plain}` : plain;
}

/** @param address what uproot opens: a path or a URL */
export function codeFor(place: Place, address: string): string {
  const name = variable(place.branch ?? place.path.split('/').pop() ?? '');
  const found = `file[${JSON.stringify(place.path)}]`;
  const lines = {
    histogram: [`    ${name} = ${found}.to_hist()`, '', `${name}.plot()`],
    branch: [`    ${name} = ${found}[${JSON.stringify(place.branch)}].array()`, '', name],
    tree: [`    ${found}.show()`],
    object: [`    ${name} = ${found}`, '', name],
  }[place.kind];
  return ['import uproot', '', `with uproot.open(${JSON.stringify(address)}) as file:`, ...lines].join('\n');
}
