import { useMemo } from 'react';
import type { ShareItem } from '@cygnet/sharing';
import { mark, t, tn } from '@cygnet/texts';
import * as api from '../api/files';
import type { Node } from '../api/types';
import { useSite, type Site } from '../app/site';
import { items } from '../lib/format';
import { basename, join, nameProblem, parent } from '../lib/paths';
import { download } from '../lib/download';
import { ShareFrame } from '../shares/ShareFrame';
import { useDialogs, type OpenDialog } from '../ui/dialogs';
import { useToasts, type Say } from '../ui/toasts';
import { fromInput, type Picked } from '../uploads/collect';
import { pick } from '../uploads/pick';
import type { Unfinished } from '../uploads/unfinished';
import { ConflictDialog, type ConflictAnswer } from './ConflictDialog';
import { FolderChooser } from './FolderChooser';
import { HelpDialog } from './HelpDialog';
import { OpenLinkDialog } from '../opening/OpenLinkDialog';
import { VersionsDialog } from '../history/VersionsDialog';
import { NewFolderDialog } from './NewFolderDialog';
import { removeAll } from './remove';
import { transferAll } from './transferAll';

/** What a person can do with files, wherever they are listed. Each says itself what came of it. */
export interface Actions {
  newFolder(folder: string): Promise<Node | undefined>;
  rename(node: Node, name: string): Promise<Node | undefined>;
  transfer(how: api.Transfer, paths: readonly string[], from: string): Promise<void>;
  moveInto(folder: string, paths: readonly string[]): Promise<void>;
  remove(nodes: readonly Node[]): void;
  versions(node: Node): void;
  download(nodes: readonly Node[]): void;
  /** a link that opens it here, and its badge */
  openLink(node: Node): void;
  share(item: ShareItem): void;
  pickFiles(folder: string, whole: 'files' | 'folder'): void;
  /** asks for the file of an interrupted upload, and goes on */
  goOn(upload: Unfinished): void;
  upload(picked: Picked[], folder: string): void;
  help(): void;
}

export function useActions(): Actions {
  const site = useSite();
  const openDialog = useDialogs();
  const say = useToasts();
  return useMemo(() => new SiteActions(site, openDialog, say), [site, openDialog, say]);
}

const NAMES: Record<api.Transfer, { title: string; action: string }> = {
  move: { title: mark('Move to'), action: mark('Move here') },
  copy: { title: mark('Copy to'), action: mark('Copy here') },
};

class SiteActions implements Actions {
  constructor(
    private readonly site: Site,
    private readonly openDialog: OpenDialog,
    private readonly say: Say,
  ) {}

  newFolder = async (folder: string): Promise<Node | undefined> => {
    const made = await this.openDialog<Node>(close => <NewFolderDialog folder={folder} onDone={close} />);
    if (made) this.site.bus.tell([made.path]);
    return made;
  };

  rename = async (node: Node, name: string): Promise<Node | undefined> => {
    const problem = nameProblem(name);
    if (problem) throw new Error(problem);
    try {
      const renamed = await api.transfer('move', node.path, join(parent(node.path), name));
      this.site.bus.tell([node.path, renamed.path]);
      return renamed;
    } catch (cause) {
      this.say.problem(cause);
      return undefined;
    }
  };

  transfer = async (how: api.Transfer, paths: readonly string[], from: string): Promise<void> => {
    const [title, action] = [t(NAMES[how].title), t(NAMES[how].action)];
    const folder = await this.openDialog<string>(close => (
      <FolderChooser
        title={`${title} …`}
        action={action}
        start={from}
        except={paths}
        pointless={how === 'move' ? from : undefined}
        onChoose={close}
      />
    ));
    if (folder !== undefined) await this.put(how, paths, folder);
  };

  moveInto = (folder: string, paths: readonly string[]): Promise<void> =>
    this.put('move', paths.filter(path => path !== folder && parent(path) !== folder), folder);

  private async put(how: api.Transfer, paths: readonly string[], folder: string): Promise<void> {
    if (!paths.length) return;
    try {
      const { children } = await api.files.list(folder);
      const taken = new Set((children ?? []).map(child => child.name.normalize()));
      const { done, failed } = await transferAll({ how, paths, folder, taken, ask: this.askConflict });
      this.site.bus.tell(done.flat());
      if (done.length) this.sayTransferred(how, done, folder);
      if (failed.length) this.sayFailed(how, failed);
    } catch (cause) {
      this.site.bus.tell(null);
      this.say.problem(cause);
    }
  }

  private sayTransferred(how: api.Transfer, done: [string, string][], folder: string): void {
    const what = done.length === 1 ? t('“{name}”', { name: basename(done[0][0]) }) : items(done.length);
    const where = folder === '/' ? t('All files') : t('“{name}”', { name: basename(folder) });
    this.say({ text: how === 'move' ? t('Moved {what} to {where}.', { what, where }) : t('Copied {what} to {where}.', { what, where }) });
  }

  private sayFailed(how: api.Transfer, failed: [string, string][]): void {
    const [[path, why]] = failed;
    const values = { name: basename(path), why };
    const text = how === 'move'
      ? tn('“{name}” was not moved. {why}', '{n} items were not moved. “{name}”: {why}', failed.length, values)
      : tn('“{name}” was not copied. {why}', '{n} items were not copied. “{name}”: {why}', failed.length, values);
    this.say({ text, problem: true });
  }

  private askConflict = async (name: string, folder: string, left: number): Promise<ConflictAnswer> => {
    const said = await this.openDialog<ConflictAnswer>(close => <ConflictDialog name={name} folder={folder} left={left} onAnswer={close} />);
    return said ?? { answer: 'skip', always: false };
  };

  remove = (nodes: readonly Node[]): void => {
    if (nodes.length) void removeAll(nodes, this.site, this.say);
  };

  versions = (node: Node): void => {
    void this.openDialog<void>(close => (
      <VersionsDialog node={node} onRestored={() => this.site.bus.tell([node.path])} onClose={close} />
    ));
  };

  openLink = (node: Node): void => {
    const { me, sharing, bus } = this.site;
    void this.openDialog<void>(close => (
      <OpenLinkDialog node={node} me={me} sharing={sharing} onShared={() => bus.tell([node.path])} onClose={close} />
    ));
  };

  download = (nodes: readonly Node[]): void => {
    const [first] = nodes;
    if (!first) return;
    const single = nodes.length === 1 && first.kind === 'file';
    download(single ? api.files.contentUrl(first.path, true) : api.files.archiveUrl(nodes.map(node => node.path)));
  };

  share = (item: ShareItem): void => {
    void this.openDialog<void>(close => (
      <ShareFrame client={this.site.sharing} item={item} onChange={() => this.site.bus.tell([item.path])} onClose={close} />
    ));
  };

  pickFiles = (folder: string, whole: 'files' | 'folder'): void =>
    pick({ multiple: true, webkitdirectory: whole === 'folder' }, files => this.upload(fromInput(files), folder));

  goOn = ({ path, size, modified }: Unfinished): void =>
    pick({}, ([file]) => {
      if (file.size === size && file.lastModified === modified) this.upload([{ folders: [], file, name: basename(path) }], parent(path));
      else this.say({ text: t('This is not the file that was being uploaded as “{basename}”, or it has changed since.', { basename: basename(path) }), problem: true });
    });

  upload = (picked: Picked[], folder: string): void => {
    this.site.uploads.add(picked, folder);
  };

  help = (): void => {
    void this.openDialog<void>(close => <HelpDialog onClose={close} />);
  };
}
