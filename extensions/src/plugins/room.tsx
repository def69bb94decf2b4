import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { type Contents, IDefaultDrive } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { fileIcon, folderIcon } from '@jupyterlab/ui-components';
import { Debouncer, Poll } from '@lumino/polling';
import { openModal } from '../modal';
import { type NoRoom, RoomGuard } from '../room/guard';
import { QuotaItem } from '../room/QuotaItem';
import { RoomDialog } from '../room/RoomDialog';
import type { Quota, Room } from '../room/types';
import { CheckedDrive } from '../saves/drive';
import { CygnetServer } from '../server';
import { size, t } from '../texts';

const SHOW = 'cygnet:show-room';
const EVERY_MS = 60_000;
const AT_MOST_MS = 600_000;
/** After a save: the service counts it a moment later. */
const SOON_MS = 1_500;

/** One warning at a time, until the document is saved. */
class Warning {
  constructor(private readonly makeRoom: () => void) {}

  tell(noRoom: NoRoom | null): void {
    const words = noRoom && wordsOf(noRoom);
    if (words !== this.shown) {
      Notification.dismiss(this.id);
      const actions = [{ label: t('Make room'), callback: this.makeRoom }];
      this.id = words ? Notification.error(words, { autoClose: false, actions }) : '';
      this.shown = words;
    }
  }

  private shown: string | null = null;
  private id = '';
}

function wordsOf({ localPath, needed }: NoRoom): string {
  const name = PathExt.basename(localPath);
  return needed === null
    ? t('“{name}” is not saved: there is no room left in your files.', { name })
    : t('“{name}” is not saved: it needs {size} more than there is room in your files.', { name, size: size(needed) });
}

/** The person's own quota in the status bar, a warning before a save that would fail, a way to make room. */
export const room: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:room',
  description: 'Shows how full the files are, warns before a save that would fail, and helps to make room.',
  autoStart: true,
  requires: [IDefaultDrive],
  optional: [IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    files: Contents.IDrive,
    bar: IStatusBar | null,
    palette: ICommandPalette | null
  ): void => {
    const { contents, serverSettings } = app.serviceManager;
    const server = new CygnetServer(serverSettings);
    const ask = (path: string): Promise<Room> => server.get<Room>(`room?${new URLSearchParams({ path })}`);
    const guard = new RoomGuard(() => server.get<Quota>('quota'));
    const show = (): void => {
      const draw = (): JSX.Element => (
        <RoomDialog
          ask={ask}
          onDelete={item => contents.delete(item.path)}
          trash="/services/sync/deleted"
          icon={item => (item.folder ? <folderIcon.react tag="span" /> : <fileIcon.react tag="span" />)}
        />
      );
      openModal(t('Room in your files'), draw, true);
    };
    const item = new QuotaItem(show);
    const warning = new Warning(show);
    guard.told.connect((_, noRoom) => warning.tell(noRoom));
    bar?.registerStatusItem('@cygnet/extensions:room', { item, align: 'right', rank: 101 });
    const poll = new Poll({
      name: '@cygnet/extensions:room',
      factory: async () => {
        guard.quota = await server.get<Quota>('quota');
        item.tell(guard.quota);
      },
      frequency: { interval: EVERY_MS, backoff: true, max: AT_MOST_MS },
      standby: 'when-hidden'
    });
    const soon = new Debouncer(() => poll.refresh(), SOON_MS);
    contents.fileChanged.connect((_, { type }) => type !== 'rename' && void soon.invoke());
    if (files instanceof CheckedDrive) {
      files.room = guard;
    }
    app.commands.addCommand(SHOW, { label: () => t('Room in My Files…'), execute: show });
    palette?.addItem({ command: SHOW, category: t('File Operations') });
  }
};
