import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { historyIcon } from '@jupyterlab/ui-components';
import { openModal } from '../modal';
import { CygnetServer } from '../server';
import { t } from '../texts';
import { VersionsClient, type Version } from '../versions/client';
import { VersionsDialog } from '../versions/VersionsDialog';
import { nameBeside } from '../saves/resolve';

const OF_DOCUMENT = 'cygnet:versions';
const OF_SELECTED = 'cygnet:versions-of-selected';

/** The versions of files, and what can be done with them in this application. */
class VersionDesk {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly documents: IDocumentManager
  ) {
    const { contents, serverSettings } = app.serviceManager;
    this.client = new VersionsClient(new CygnetServer(serverSettings), contents);
  }

  /** What is compared with a version is what is seen: changes not saved yet are saved first. */
  async show(path: string): Promise<void> {
    const context = this.contextOf(path);
    await this.saved(context);
    openModal(
      t('Versions of “{name}”', { name: PathExt.basename(path) }),
      close => (
        <VersionsDialog
          client={this.client}
          path={path}
          onRestore={async version => {
            await this.restore(path, version);
            close();
          }}
          onCopy={async version => {
            await this.copy(path, version);
            close();
          }}
        />
      ),
      true
    );
  }

  private readonly client: VersionsClient;

  private contextOf(path: string): DocumentRegistry.Context | undefined {
    const widget = this.documents.findWidget(path, null);
    return widget && this.documents.contextForWidget(widget);
  }

  private async saved(context: DocumentRegistry.Context | undefined): Promise<void> {
    if (context?.model.dirty && !context.model.readOnly) {
      // What cannot be saved now says so above the document; the versions can be looked at all the same.
      await context.save().catch(() => undefined);
    }
  }

  private async restore(path: string, version: Version): Promise<void> {
    const context = this.contextOf(path);
    if (context?.model.dirty && !context.model.readOnly) {
      await context.save();
    }
    await this.client.restore(path, version);
    await context?.revert();
    Notification.success(t('“{name}” is as it was then. What it was until now is a version too.', { name: PathExt.basename(path) }), {
      autoClose: 8000
    });
  }

  private async copy(path: string, version: Version): Promise<void> {
    const copy = nameBeside(path, t('version'), new Date(version.created * 1000));
    await this.client.copy(path, version, copy);
    await this.app.commands.execute('docmanager:open', { path: copy });
  }
}

/** The versions of a notebook, from the notebook; `schema/versions.json` says where the buttons are. */
export const versions: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:versions',
  description: 'Shows the versions of a file, the difference to now, and goes back to one.',
  autoStart: true,
  requires: [IDocumentManager],
  optional: [INotebookTracker, IFileBrowserFactory, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    notebooks: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null
  ): void => {
    const desk = new VersionDesk(app, documents);
    const inFront = (): string | undefined => {
      const widget = app.shell.currentWidget ?? notebooks?.currentWidget;
      return widget ? documents.contextForWidget(widget)?.localPath : undefined;
    };
    app.commands.addCommand(OF_DOCUMENT, {
      label: () => t('Versions…'),
      caption: () => t('What this document was before, and the difference to now'),
      icon: historyIcon,
      isEnabled: () => inFront() !== undefined,
      execute: () => desk.show(inFront() ?? '')
    });
    const selected = (): string | null => {
      const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])];
      const item = items[0];
      return items.length === 1 && item && item.type !== 'directory' ? app.serviceManager.contents.localPath(item.path) : null;
    };
    app.commands.addCommand(OF_SELECTED, {
      label: () => t('Versions…'),
      icon: historyIcon.bindprops({ stylesheet: 'menuItem' }),
      isVisible: () => selected() !== null,
      execute: () => desk.show(selected() ?? '')
    });
    palette?.addItem({ command: OF_DOCUMENT, category: t('File Operations') });
    notebooks?.currentChanged.connect(() => app.commands.notifyCommandChanged(OF_DOCUMENT));
  }
};
