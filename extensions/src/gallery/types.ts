/** A notebook in the gallery, as it was when it was published. */
export interface GalleryEntry {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly author: { readonly id: string; readonly display_name: string };
  /** The group in whose name it was published; empty: none. */
  readonly group: string;
  /** Bytes. */
  readonly size: number;
  /** Unix seconds. */
  readonly published: number;
  readonly mine: boolean;
  /** Only to who published it. */
  readonly path: string | null;
}

export interface GalleryTag {
  readonly tag: string;
  readonly count: number;
}

export interface Publication {
  readonly path: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly group: string;
}
