import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { galleryIcon } from '../icons';
import { filesSite } from '../paths';
import { t } from '../texts';

const SHOW = 'cygnet:show-gallery';

/** The way to the gallery, which is a page of the Files site; `schema/gallery.json` says where in the menus. */
export const gallery: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:gallery',
  description: 'Leads to the gallery of notebooks that others have published.',
  autoStart: true,
  optional: [ICommandPalette, ILauncher],
  activate: (app: JupyterFrontEnd, palette: ICommandPalette | null, launcher: ILauncher | null): void => {
    app.commands.addCommand(SHOW, {
      label: ({ card }) => (card ? t('Gallery') : t('Show the Gallery')),
      caption: () => t('Find notebooks that others have published, and copy them.'),
      icon: ({ card }) => (card ? galleryIcon : galleryIcon.bindprops({ stylesheet: 'menuItem' })),
      execute: () => void window.open(filesSite('gallery'), '_blank', 'noopener')
    });
    palette?.addItem({ command: SHOW, category: t('File Operations') });
    launcher?.add({ command: SHOW, args: { card: true }, category: 'Cygnet' });
  }
};
