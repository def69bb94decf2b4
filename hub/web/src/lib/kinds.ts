/** What a file is to a person, from its name first (a notebook's type is often served as plain JSON). */

import { mark, t } from '@cygnet/texts';
import type { Node } from '../api/types';

export type Kind =
  | 'folder' | 'notebook' | 'image' | 'pdf' | 'markdown' | 'csv' | 'root' | 'code' | 'text' | 'archive' | 'audio' | 'video' | 'other';

const BY_EXTENSION: Record<string, Kind> = {
  ipynb: 'notebook', root: 'root', pdf: 'pdf', md: 'markdown', markdown: 'markdown', csv: 'csv', tsv: 'csv',
  png: 'image', jpg: 'image', jpeg: 'image', gif: 'image', webp: 'image', svg: 'image', avif: 'image', bmp: 'image', ico: 'image',
  txt: 'text', log: 'text', rst: 'text', tex: 'text', bib: 'text', out: 'text', err: 'text',
  py: 'code', js: 'code', ts: 'code', tsx: 'code', jsx: 'code', c: 'code', h: 'code', cc: 'code', cpp: 'code', cxx: 'code', hpp: 'code',
  f90: 'code', f: 'code', java: 'code', go: 'code', rs: 'code', r: 'code', jl: 'code', sh: 'code', sql: 'code', json: 'code', yaml: 'code',
  yml: 'code', toml: 'code', ini: 'code', cfg: 'code', xml: 'code', html: 'code', htm: 'code', css: 'code', cmake: 'code', lua: 'code', m: 'code',
  zip: 'archive', gz: 'archive', tgz: 'archive', bz2: 'archive', xz: 'archive', zst: 'archive', tar: 'archive', '7z': 'archive',
  mp3: 'audio', ogg: 'audio', wav: 'audio', flac: 'audio', mp4: 'video', webm: 'video', mov: 'video', mkv: 'video',
};
const BY_NAME: Record<string, Kind> = { makefile: 'code', dockerfile: 'code', readme: 'text', license: 'text', '.gitignore': 'text' };

const WORDS: Record<Kind, string> = {
  folder: mark('Folder'), notebook: mark('Notebook'), image: mark('Image'), pdf: 'PDF', markdown: 'Markdown', csv: mark('Table'), root: mark('ROOT file'),
  code: mark('Code'), text: mark('Text'), archive: mark('Archive'), audio: mark('Audio'), video: mark('Video'), other: mark('File'),
};

export function extension(name: string): string {
  const cut = name.lastIndexOf('.');
  return cut < 0 ? '' : name.slice(cut + 1).toLowerCase();
}

function byMime(mime: string): Kind {
  const [major] = mime.split('/');
  if (major === 'image' || major === 'audio' || major === 'video' || major === 'text') return major;
  return mime === 'application/pdf' ? 'pdf' : mime === 'application/json' ? 'code' : 'other';
}

export function kindOf(node: Pick<Node, 'name' | 'mime'> & { kind: string }): Kind {
  if (node.kind === 'folder') return 'folder';
  return BY_NAME[node.name.toLowerCase()] ?? BY_EXTENSION[extension(node.name)] ?? byMime(node.mime ?? '');
}

export const kindWords = (kind: Kind): string => t(WORDS[kind]);
