import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { classes } from './plugins/classes';
import { conflicts, drive } from './plugins/conflicts';
import { idle } from './plugins/idle';
import { gallery } from './plugins/gallery';
import { inbox } from './plugins/inbox';
import { language } from './plugins/language';
import { mount } from './plugins/mount';
import { panel } from './plugins/panel';
import { readonly } from './plugins/readonly';
import { rootFiles } from './plugins/rootfiles';
import { room } from './plugins/room';
import { share } from './plugins/share';
import { sharing } from './plugins/sharing';
import { versions } from './plugins/versions';
import { ILanguage } from './tokens';

/** Texts have their language before a plugin makes any. */
const speaking = <T,>(plugin: JupyterFrontEndPlugin<T>): JupyterFrontEndPlugin<T> => ({
  ...plugin,
  optional: [...(plugin.optional ?? []), ILanguage]
});

// What JupyterLab itself stands on cannot wait for the language, which needs JupyterLab's settings.
const base = [language, drive];
const parts: JupyterFrontEndPlugin<any>[] = [sharing, share, panel, readonly, mount, classes, inbox, gallery, conflicts, versions, room, idle, rootFiles];

export default [...base, ...parts.map(speaking)];
