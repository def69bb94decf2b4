/** The inbox without a host: used by the notebook extension and by the Files site. */
export { InboxClient } from './client';
export { InboxList, type InboxListProps } from './InboxList';
export { InboxModel } from './model';
export { actionOf, say } from './words';
export type * from './types';
