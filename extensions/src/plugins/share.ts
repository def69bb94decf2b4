import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CommandToolbarButton, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { t } from '../texts';
import { shareIcon } from '../icons';
import { openShareDialog } from '../modal';
import type { SharingModel } from '../model';
import { isReceived, servicePath } from '../paths';
import type { ShareItem } from '../sharing';
import { ISharing } from '../tokens';

export namespace CommandIDs {
  /** Share the notebook that is in front. */
  export const shareNotebook = 'cygnet:share-notebook';
  /** Share what is selected in the file browser. */
  export const shareSelected = 'cygnet:share-selected';
}

/** What is shared is what is seen: changes not saved yet are saved first. */
async function saved(context: DocumentRegistry.Context): Promise<void> {
  if (context.model.dirty && !context.model.readOnly) {
    await context.save();
  }
}

function addNotebookCommand(app: JupyterFrontEnd, model: SharingModel, notebooks: INotebookTracker): void {
  const path = (): string => servicePath(notebooks.currentWidget?.context.localPath ?? '');
  app.commands.addCommand(CommandIDs.shareNotebook, {
    label: t('Share'),
    caption: () =>
      isReceived(path()) ? t('Only its owner can share this notebook') : t('Share this notebook with people or by link'),
    icon: shareIcon,
    isEnabled: () => notebooks.currentWidget !== null && !isReceived(path()),
    execute: async () => {
      const context = notebooks.currentWidget?.context;
      if (context) {
        await saved(context);
        openShareDialog(model, { path: path(), name: PathExt.basename(path()), kind: 'file' });
      }
    }
  });
  notebooks.currentChanged.connect(() => app.commands.notifyCommandChanged(CommandIDs.shareNotebook));
}

function addFileCommand(app: JupyterFrontEnd, model: SharingModel, browsers: IFileBrowserFactory): void {
  const selected = (): ShareItem | null => {
    const items = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
    const item = items[0];
    if (!item || items.length > 1) {
      return null;
    }
    const path = servicePath(app.serviceManager.contents.localPath(item.path));
    return { path, name: item.name, kind: item.type === 'directory' ? 'folder' : 'file' };
  };
  const canShare = (item: ShareItem | null): item is ShareItem =>
    item !== null && !isReceived(item.path) && item.path !== '/Shares';
  app.commands.addCommand(CommandIDs.shareSelected, {
    label: t('Share…'),
    caption: t('Share with people or by link'),
    icon: shareIcon.bindprops({ stylesheet: 'menuItem' }),
    isEnabled: () => canShare(selected()),
    execute: () => {
      const item = selected();
      if (canShare(item)) {
        openShareDialog(model, item);
      }
    }
  });
}

/** The two ways to the share dialog; `schema/share.json` says where their buttons are. */
export const share: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:share',
  description: 'Share in the toolbar of a notebook and in the menu of the file browser.',
  autoStart: true,
  requires: [ISharing],
  optional: [INotebookTracker, IFileBrowserFactory, IToolbarWidgetRegistry],
  activate: (
    app: JupyterFrontEnd,
    model: SharingModel,
    notebooks: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    toolbars: IToolbarWidgetRegistry | null
  ): void => {
    if (notebooks) {
      addNotebookCommand(app, model, notebooks);
      // With its word beside the icon, which a label in the schema could not say in other languages.
      toolbars?.addFactory('Notebook', 'cygnet-share', () => {
        const { commands } = app;
        return new CommandToolbarButton({ commands, id: CommandIDs.shareNotebook, label: t('Share') });
      });
    }
    if (browsers) {
      addFileCommand(app, model, browsers);
    }
  }
};
