/** What the share routes of the service send and take, on whichever server they are asked. */

export type Role = 'viewer' | 'editor';
export type ItemKind = 'file' | 'folder';
export type ShareKind = 'user' | 'group' | 'link';
export type ShareState = 'accepted' | 'pending' | 'declined';
export type ShareView = 'with-me' | 'by-me' | 'links';

/** Somebody, or some group, that an item can be shared with. */
export interface Person {
  readonly id: string;
  readonly display_name: string;
  readonly kind: 'user' | 'group';
}

export interface Owner {
  readonly id: string;
  readonly display_name: string;
}

export interface Share {
  readonly id: string;
  readonly kind: ShareKind;
  readonly item: ItemKind;
  readonly name: string;
  /** Where the item lies in the tree of the one who asks; null while it lies nowhere there. */
  readonly path: string | null;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Unix seconds. */
  readonly mtime: number;
  readonly owner: Owner;
  readonly grantee: Person | null;
  readonly role: Role;
  readonly state: ShareState;
  /** The address of a link; null for people and groups. */
  readonly url: string | null;
  readonly has_password: boolean;
  /** YYYY-MM-DD. */
  readonly expires: string | null;
  readonly note: string;
  /** Unix seconds. */
  readonly created: number;
}

/** The part of a file or folder that sharing needs to know. */
export interface SharedNode {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly kind: ItemKind;
}

/** What a share dialog is about. */
export interface ShareItem {
  readonly path: string;
  readonly name: string;
  readonly kind: ItemKind;
}

export interface NewShare {
  readonly path: string;
  readonly kind: ShareKind;
  readonly grantee?: string;
  readonly role: Role;
  readonly password?: string;
  readonly expires?: string;
  readonly note?: string;
}

/** Fields left out stay as they are; an empty text takes a password or an expiry date away. */
export interface ShareChange {
  readonly role?: Role;
  readonly password?: string;
  readonly expires?: string;
  readonly note?: string;
}
