import { Token } from '@lumino/coreutils';
import type { SharingModel } from './model';

/** What the plugins of this extension share: the client and the lists of shares. */
export const ISharing = new Token<SharingModel>(
  '@cygnet/extensions:ISharing',
  'What is shared with the person and by the person, and the client to change it.'
);
