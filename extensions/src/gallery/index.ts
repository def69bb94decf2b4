/** The gallery without a host: used by the notebook extension and by the Files site. */
export { GalleryClient } from './client';
export { Publish } from './Publish';
export type * from './types';
