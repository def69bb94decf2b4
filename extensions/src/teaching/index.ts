/** Groups and classes without a host: used by the notebook extension and by the Files site. */
export { TeachingClient } from './client';
export { TeachingBoard } from './TeachingBoard';
export { HandOut } from './HandOut';
export type * from './types';
