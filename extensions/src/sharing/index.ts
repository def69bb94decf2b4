/** Sharing without a host: used by the notebook extension and by the Files site. */
export { SharingClient } from './client';
export { ServiceClient, type FetchLike } from './service';
export { SharingError, errorOf, messageOf } from './errors';
export { ShareDialog, type ShareDialogProps } from './ShareDialog';
export type * from './types';
