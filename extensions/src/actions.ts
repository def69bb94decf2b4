import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { t } from './texts';
import type { SharingModel } from './model';
import { contentsPath, servicePath } from './paths';
import { type Share, messageOf } from './sharing';

const APPEARS_MS = 10_000;
const AGAIN_MS = 250;

/** What the sidebar and the banner do with a received share; each failure is told to the person. */
export class ShareActions {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly model: SharingModel
  ) {}

  accept(share: Share): Promise<void> {
    return this.attempt(() => this.model.client.accept(share.id));
  }

  decline(share: Share): Promise<void> {
    return this.attempt(() => this.model.client.decline(share.id));
  }

  /** Open an accepted share where it lies; one that may only be viewed opens read-only. */
  open(share: Share): Promise<void> {
    return this.attempt(() => this.show(share.path ?? '', share.item === 'folder'));
  }

  /** Copy into the person's own files, and open the copy. */
  copy(share: Share): Promise<void> {
    return this.attempt(async () => {
      const node = await this.model.client.copy(share.id, '/');
      this.tellCopied(node.name);
      await this.show(node.path, node.kind === 'folder');
    });
  }

  /** Copy one file of a received folder into the person's own files, and open the copy. */
  copyFile(path: string): Promise<void> {
    return this.attempt(async () => {
      const copy = await this.app.serviceManager.contents.copy(contentsPath(path), '');
      this.tellCopied(copy.name);
      await this.show(servicePath(copy.path), false);
    });
  }

  private tellCopied(name: string): void {
    Notification.success(t('“{name}” is in your files now.', { name }), { autoClose: 5000 });
  }

  private async show(path: string, folder: boolean): Promise<void> {
    const target = contentsPath(path);
    await this.appeared(target);
    if (!folder) {
      await this.app.commands.execute('docmanager:open', { path: target });
    } else if (this.app.commands.hasCommand('filebrowser:open-path')) {
      await this.app.commands.execute('filebrowser:open-path', { path: target });
    } else {
      // A page of Notebook 7 that shows one notebook has no file browser; the tree page has.
      const { baseUrl } = this.app.serviceManager.serverSettings;
      window.open(URLExt.join(baseUrl, 'tree', URLExt.encodeParts(target)));
    }
  }

  /** What the service has just put into the tree reaches the mount a moment later. */
  private async appeared(path: string): Promise<void> {
    const deadline = Date.now() + APPEARS_MS;
    const { contents } = this.app.serviceManager;
    for (;;) {
      try {
        await contents.get(path, { content: false });
        return;
      } catch (reason) {
        const missing = reason instanceof ServerConnection.ResponseError && reason.response.status === 404;
        if (!missing || Date.now() > deadline) {
          throw missing ? new Error(t('“{path}” has not reached this server yet. Try again in a moment.', { path })) : reason;
        }
      }
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS));
    }
  }

  private async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (reason) {
      Notification.error(messageOf(reason), { autoClose: false });
    }
    await this.model.refresh();
  }
}
