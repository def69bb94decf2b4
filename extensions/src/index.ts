import { classes } from './plugins/classes';
import { conflicts, drive } from './plugins/conflicts';
import { inbox } from './plugins/inbox';
import { mount } from './plugins/mount';
import { panel } from './plugins/panel';
import { readonly } from './plugins/readonly';
import { share } from './plugins/share';
import { sharing } from './plugins/sharing';

export default [sharing, share, panel, readonly, mount, classes, inbox, drive, conflicts];
