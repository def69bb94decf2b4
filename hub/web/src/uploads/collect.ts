/** What a person dropped or picked, as a flat list: files with the folders they lie in. */

export interface Picked {
  /** folders below the target, outermost first */
  folders: string[];
  /** null for a folder that has no files: it is made all the same */
  file: File | null;
  /** another name than the file's own */
  name?: string;
}

export function fromInput(list: FileList): Picked[] {
  return [...list].map(file => ({
    // A picked folder says where each file lies; a picked file says nothing.
    folders: (file.webkitRelativePath || file.name).split('/').slice(0, -1),
    file,
  }));
}

export async function fromDrop(data: DataTransfer): Promise<Picked[]> {
  // The list of items is emptied as soon as the event is over: take the entries first, then wait.
  const entries = [...data.items].map(item => item.webkitGetAsEntry?.() ?? null).filter(entry => entry !== null);
  if (!entries.length) return fromInput(data.files);
  return (await Promise.all(entries.map(entry => walk(entry, [])))).flat();
}

async function walk(entry: FileSystemEntry, folders: string[]): Promise<Picked[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ folders, file }];
  }
  const inside = [...folders, entry.name];
  const children = await allEntries(entry as FileSystemDirectoryEntry);
  if (!children.length) return [{ folders: inside, file: null }];
  return (await Promise.all(children.map(child => walk(child, inside)))).flat();
}

/** A browser gives at most a hundred entries at a time, and an empty list at the end. */
async function allEntries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}
