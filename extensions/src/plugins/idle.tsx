import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { Poll } from '@lumino/polling';
import type { Widget } from '@lumino/widgets';
import { type Answer, IdleNotice } from '../idle/IdleNotice';
import { type Idleness, clock, secondsLeft } from '../idle/state';
import { openModal } from '../modal';
import { CygnetServer } from '../server';
import { t } from '../texts';

const WHILE_BUSY = 'cygnet:keep-while-busy';
/** How often the hub is asked: twenty times in the allowed time, but neither all the time nor seldom. */
const AT_LEAST_MS = 1_000;
const AT_MOST_MS = 30_000;
/** Whoever comes back within so many seconds of a new deadline is shown the same notice. */
const SAME_MS = 5_000;

/** The notice while the server is about to be stopped; its time is in the title of the page too, for who looks elsewhere. */
class IdleDesk {
  constructor(private readonly server: CygnetServer) {}

  /** @param left seconds until the server is stopped; null when that is not soon */
  show(left: number | null): void {
    if (left === null) {
      this.close();
      this.declined = false;
      return;
    }
    const end = Date.now() + left * 1000;
    if (this.declined || (this.modal && Math.abs(end - this.end) < SAME_MS)) {
      return;
    }
    this.close();
    this.end = end;
    this.modal = openModal(t('This server is about to stop'), () => <IdleNotice end={end} onAnswer={answer => this.answer(answer)} />);
    this.modal.disposed.connect(() => this.quiet());
    this.title = document.title;
    this.timer = setInterval(() => this.countInTitle(), 1000);
    this.countInTitle();
  }

  async keep(whileBusy?: boolean): Promise<void> {
    await this.server.post('activity', whileBusy === undefined ? {} : { while_busy: whileBusy ? 'yes' : 'no' });
  }

  private modal: Widget | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private title = '';
  private end = 0;
  private declined = false;

  private async answer(answer: Answer): Promise<void> {
    if (answer === 'stop') {
      this.declined = true;
    } else {
      await this.keep(answer === 'while-busy' ? true : undefined);
      Notification.success(t('This server keeps running.'), { autoClose: 5000 });
    }
    this.close();
  }

  private countInTitle(): void {
    document.title = `${clock((this.end - Date.now()) / 1000)} · ${this.title}`;
  }

  private close(): void {
    this.modal?.dispose();
  }

  private quiet(): void {
    clearInterval(this.timer);
    if (this.title) {
      document.title = this.title;
    }
    this.modal = null;
  }
}

/** Tells in time that the hub is going to stop this server because nobody uses it. */
export const idle: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:idle',
  description: 'Counts down before an unused server is stopped, and keeps it running when asked to.',
  autoStart: true,
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null): void => {
    const hub = PageConfig.getOption('hubPrefix');
    if (!hub) {
      return; // nobody stops a server of one's own
    }
    const desk = new IdleDesk(new CygnetServer(app.serviceManager.serverSettings));
    const poll = new Poll({
      name: '@cygnet/extensions:idle',
      // The hub and not this server, where asking would count as use: also while the page is hidden.
      factory: async () => {
        const answer = await fetch(URLExt.join(hub, 'idle'), { headers: { Accept: 'application/json' } });
        const known = answer.ok && answer.headers.get('Content-Type')?.includes('json');
        const idleness = known ? ((await answer.json()) as Idleness | null) : null;
        desk.show(secondsLeft(idleness));
        const interval = idleness ? Math.min(AT_MOST_MS, Math.max(AT_LEAST_MS, idleness.allowed * 50)) : AT_MOST_MS;
        if (interval !== poll.frequency.interval) {
          poll.frequency = { ...poll.frequency, interval };
        }
      },
      frequency: { interval: AT_LEAST_MS, backoff: true, max: 2 * AT_MOST_MS },
      standby: 'never'
    });
    let whileBusy = false;
    app.commands.addCommand(WHILE_BUSY, {
      label: () => t('Keep This Server While a Kernel Computes'),
      isToggled: () => whileBusy,
      execute: async () => {
        await desk.keep(!whileBusy);
        whileBusy = !whileBusy;
        app.commands.notifyCommandChanged(WHILE_BUSY);
      }
    });
    palette?.addItem({ command: WHILE_BUSY, category: t('Kernel Operations') });
  }
};
