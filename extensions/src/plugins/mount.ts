import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Poll } from '@lumino/polling';
import { t } from '../texts';
import { type MountState, statusOf, wordsFor } from '../mountState';
import { MountStatusItem } from '../mountStatusItem';
import { CygnetServer } from '../server';

const EVERY_MS = 3_000;
const AT_MOST_MS = 60_000;

/** Shows one notification while there is trouble, and takes it away afterwards. */
class Warning {
  show(words: string | null): void {
    if (words === this.shown) {
      return;
    }
    Notification.dismiss(this.id);
    this.id = words ? Notification.warning(words, { autoClose: false }) : '';
    if (!words) {
      Notification.success(t('Your files can be reached again.'), { autoClose: 5000 });
    }
    this.shown = words;
  }

  private shown: string | null = null;
  private id = '';
}

/** Tells the person when their files are not mounted, or cannot be reached, and how many changes wait. */
export const mount: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:mount',
  description: 'Shows in the status bar whether files are saved, and tells when they cannot be reached, or are not mounted.',
  autoStart: true,
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, bar: IStatusBar | null): void => {
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const warning = new Warning();
    const item = new MountStatusItem();
    bar?.registerStatusItem('@cygnet/extensions:mount', { item, align: 'right', rank: 100 });
    const poll = new Poll({
      name: '@cygnet/extensions:mount',
      factory: async () => {
        const state = await server.get<MountState>('mount');
        item.tell(statusOf(state));
        warning.show(wordsFor(state));
      },
      frequency: { interval: EVERY_MS, backoff: true, max: AT_MOST_MS },
      standby: 'when-hidden'
    });
    void app.restored
      .then(() => server.get<MountState>('mount'))
      .then(({ kind }) => {
        if (kind === 'none') {
          const words = t('Your files are not mounted here: open them in code by cygnet://, such as cygnet://data.root.');
          Notification.info(words, { autoClose: 20_000 });
        }
      })
      .catch(() => poll.refresh()); // the poll asks again, and again
  }
};
