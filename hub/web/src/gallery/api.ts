import { GalleryClient } from '@cygnet/gallery';
import { files, type FileSource } from '../api/files';
import { basePath, fetchLike, url } from '../api/http';

export const galleryClient = (): GalleryClient => new GalleryClient(`${basePath()}api/v1/`, fetchLike);

/** Reads an entry as if it were a file; only its preview is given out before it is copied. */
export function entryFiles(id: string): FileSource {
  return {
    list: files.list,
    contentUrl: () => '',
    previewUrl: () => url(`gallery/${id}/preview`),
    archiveUrl: () => '',
  };
}
