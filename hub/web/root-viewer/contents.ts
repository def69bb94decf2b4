/** What lies in a ROOT file, as items that can be opened or drawn. */

import { FileProxy, openFile } from 'jsroot';
import type { Answered, Range } from '../src/preview/rootFile';
import type { Place } from './code';

interface Key {
  fName: string;
  fTitle: string;
  fClassName: string;
  fCycle: number;
}

interface Branch {
  fName: string;
  fTitle: string;
  fBranches: { arr: Branch[] };
  fLeaves: { arr: { fTitle: string; _typename: string }[] };
}

/** JSROOT's own objects have no types; these are the parts that are used here. */
export interface RootFile {
  fKeys: Key[];
  readObject(name: string): Promise<RootObject>;
}

export interface RootObject {
  _typename: string;
  fName?: string;
  fTitle?: string;
  fEntries?: number;
  fKeys?: Key[];
  fBranches?: { arr: Branch[] };
}

export interface Item {
  name: string;
  title: string;
  /** short, for people: "TH1F", "float" */
  type: string;
  /** what lies inside, where something does */
  open?: () => Promise<Item[]>;
  draw?: () => Promise<Drawable>;
  /** what Python code reads, where it is more than a folder */
  place?: Place;
}

export type Drawable = { object: RootObject } | { tree: RootObject; expression: string };

const WAIT = 60_000; // milliseconds for a piece of the file

/** Reads through a port to the page around the frame. */
class PortFile extends FileProxy {
  private readonly waiting = new Map<number, { resolve: (views: DataView[]) => void; reject: (cause: Error) => void }>();
  private lastId = 0;

  constructor(
    private readonly port: MessagePort,
    private readonly name: string,
    private readonly size: number,
  ) {
    super();
    port.onmessage = ({ data }: MessageEvent<Answered>) => this.answered(data);
  }

  openFile = (): Promise<boolean> => Promise.resolve(true);
  getFileName = (): string => this.name;
  getFileSize = (): number => this.size;

  /** @param place offset, length, offset, length ... */
  readBuffers = (place: number[]): Promise<DataView[]> => {
    const ranges: Range[] = [];
    for (let at = 0; at < place.length; at += 2) {
      ranges.push([place[at], Math.max(0, Math.min(place[at + 1], this.size - place[at]))]);
    }
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { resolve, reject });
      this.port.postMessage({ id, ranges });
      setTimeout(() => this.answered({ id, error: 'The server took too long to answer.' }), WAIT);
    });
  };

  private answered(answer: Answered): void {
    const asked = this.waiting.get(answer.id);
    if (!asked) return;
    this.waiting.delete(answer.id);
    if ('error' in answer) asked.reject(new Error(answer.error));
    else asked.resolve(answer.buffers.map(buffer => new DataView(buffer)));
  }
}

export async function openThrough(port: MessagePort, name: string, size: number): Promise<RootFile> {
  const file = (await openFile(new PortFile(port, name, size))) as RootFile | null;
  if (!file?.fKeys) throw new Error('Its beginning is not that of a ROOT file.');
  return file;
}

export function contents(file: RootFile): Item[] {
  return items(file, file.fKeys, '');
}

/** The newest cycle of each name; ROOT keeps older ones behind it. */
function newest(keys: Key[]): Key[] {
  const best = new Map<string, Key>();
  for (const key of keys) {
    const other = best.get(key.fName);
    if (!other || other.fCycle < key.fCycle) best.set(key.fName, key);
  }
  return [...best.values()];
}

const HIDDEN = new Set(['StreamerInfo']);

function items(file: RootFile, keys: Key[], folder: string): Item[] {
  return newest(keys).filter(key => !HIDDEN.has(key.fName)).map(key => item(file, key, folder));
}

function item(file: RootFile, key: Key, folder: string): Item {
  const path = `${folder}${key.fName}`;
  const read = (): Promise<RootObject> => file.readObject(`${path};${key.fCycle}`);
  const base: Item = { name: key.fName, title: key.fTitle, type: key.fClassName };
  if (key.fClassName.startsWith('TDirectory')) {
    return { ...base, type: 'folder', open: async () => items(file, (await read()).fKeys ?? [], `${path}/`) };
  }
  if (key.fClassName === 'TTree' || key.fClassName === 'TNtuple' || key.fClassName === 'TNtupleD') {
    return { ...base, open: async () => branches(await read(), path), place: { kind: 'tree', path } };
  }
  const kind = /^T(H[12][A-Z]|Profile)/.test(key.fClassName) ? 'histogram' : 'object';
  return { ...base, draw: async () => ({ object: await read() }), place: { kind, path } };
}

function branches(tree: RootObject, path: string): Item[] {
  return (tree.fBranches?.arr ?? []).map(branch => branchItem(tree, path, branch, ''));
}

function branchItem(tree: RootObject, place: string, branch: Branch, prefix: string): Item {
  // A sub-branch's name may carry its parent's already.
  const path = prefix && !branch.fName.startsWith(prefix) ? `${prefix}${branch.fName}` : branch.fName;
  const inside = branch.fBranches?.arr ?? [];
  const base: Item = { name: branch.fName, title: branch.fTitle, type: typeOf(branch) };
  if (inside.length) return { ...base, type: '', open: () => Promise.resolve(inside.map(one => branchItem(tree, place, one, `${path}.`))) };
  const read: Place = { kind: 'branch', path: place, branch: branch.fName };
  return { ...base, draw: () => Promise.resolve({ tree, expression: path }), place: read };
}

const TYPES: Record<string, string> = {
  TLeafF: 'float', TLeafD: 'double', TLeafI: 'int', TLeafL: 'long', TLeafS: 'short', TLeafB: 'byte', TLeafO: 'bool', TLeafC: 'text',
};

function typeOf(branch: Branch): string {
  const leaf = branch.fLeaves?.arr[0];
  if (!leaf) return '';
  const type = TYPES[leaf._typename] ?? '';
  return /\[.*\]/.test(leaf.fTitle) ? `${type}[]` : type;
}
