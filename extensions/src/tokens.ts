import { Token } from '@lumino/coreutils';
import type { SharingModel } from './model';

/** What the plugins of this extension share: the client and the lists of shares. */
export const ISharing = new Token<SharingModel>(
  '@cygnet/extensions:ISharing',
  'What is shared with the person and by the person, and the client to change it.'
);

/** The language of the page. Who requires it has texts in that language. */
export const ILanguage = new Token<string>('@cygnet/extensions:ILanguage', 'The language that texts are in.');
