import { kindOf, type Kind } from '../lib/kinds';

const GLYPHS: Record<Kind, string> = {
  folder: '',
  notebook: 'M11.5 15.5h9M11.5 19.5h9M11.5 23.5h5',
  image: 'M10.5 24l4-5 3 3.5 2-2 2.5 3.5zM19.5 16.5v.01',
  pdf: 'M11 24c4-2 6-6 5.5-9 0 4 2 6.5 5 6.5-4-.5-7.5.5-10.5 2.5z',
  markdown: 'M11 23v-6.5l2.7 3.2 2.7-3.2V23M20.5 16.5V23m-1.8-2l1.8 2 1.8-2',
  csv: 'M10.5 15.5h11v8.5h-11zM10.5 19.7h11M14.5 15.5V24',
  root: 'M10.5 24h11M12 24v-3h2.2v-3.5h2.3V15h2v5h2.2v4',
  code: 'M13.5 16.5l-3 3.2 3 3.3M18.5 16.5l3 3.2-3 3.3',
  text: 'M11 15.5h10M11 19.5h10M11 23.5h6',
  archive: 'M16 4v4m0 2v3m0 2v3M14.5 20.5h3V24h-3z',
  audio: 'M13.5 23.5V15l7-1.5V22M12.2 24.8a1.4 1.4 0 100-2.8 1.4 1.4 0 000 2.8zM19.2 23.3a1.4 1.4 0 100-2.8 1.4 1.4 0 000 2.8z',
  video: 'M13.5 15.5l7 4.2-7 4.3z',
  other: 'M11 19.5h10',
};

interface Props {
  node: { name: string; mime: string; kind: string };
  size?: number;
}

/** A sheet of paper in the colour of its kind, or a folder. Decoration: the kind is also said in words. */
export function FileIcon({ node, size = 32 }: Props): JSX.Element {
  const kind = kindOf(node);
  return (
    <svg className={`file-icon kind-${kind}`} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      {kind === 'folder' ? <FolderShape /> : <SheetShape glyph={GLYPHS[kind]} />}
    </svg>
  );
}

function FolderShape(): JSX.Element {
  return (
    <>
      <path className="folder-back" d="M3 8.5A2.5 2.5 0 015.5 6h6.3a2 2 0 011.5.7L15.2 9H26.5A2.5 2.5 0 0129 11.5v12A2.5 2.5 0 0126.5 26h-21A2.5 2.5 0 013 23.5z" />
      <path className="folder-front" d="M3 13.5A1.5 1.5 0 014.5 12h23a1.5 1.5 0 011.5 1.5v10a2.5 2.5 0 01-2.5 2.5h-21A2.5 2.5 0 013 23.5z" />
    </>
  );
}

function SheetShape({ glyph }: { glyph: string }): JSX.Element {
  return (
    <>
      <path className="sheet" d="M6.5 5A2.5 2.5 0 019 2.5h9.5l7 7V27a2.5 2.5 0 01-2.5 2.5H9A2.5 2.5 0 016.5 27z" />
      <path className="sheet-fold" d="M18.5 2.5l7 7H20a1.5 1.5 0 01-1.5-1.5z" />
      <path className="sheet-glyph" d={glyph} fill="none" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </>
  );
}
