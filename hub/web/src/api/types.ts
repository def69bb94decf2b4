/** What the service's JSON routes answer with. */

export interface Person {
  id: string;
  display_name: string;
}

export interface Node {
  id: string;
  name: string;
  path: string;
  kind: 'file' | 'folder';
  size: number;
  /** seconds since 1970 */
  mtime: number;
  etag: string;
  /** ownCloud letters: W and C K allow writing, D deleting, N V renaming and moving, R sharing */
  permissions: string;
  mime: string;
  share_types: number[];
  owner: Person;
  children_count?: number | null;
}

export interface Listing {
  node: Node;
  children: Node[] | null;
}

export interface Quota {
  used: number;
  total: number | null;
  free: number | null;
}

export interface Me {
  name: string;
  display_name: string;
  admin: boolean;
  quota: Quota;
  hub_url: string;
  notebook_url: string;
}

export interface DeleteResult {
  deleted: string[];
  failed: { path: string; error: { code: string; message: string } | string }[];
}

export interface AppPassword {
  id: string;
  label: string;
  created: number;
  /** when it was last used */
  used: number | null;
}

export interface NewAppPassword extends AppPassword {
  password: string;
}

export interface PublicItem {
  name: string;
  item: 'file' | 'folder';
  mime: string;
  size: number;
  owner: Person;
  role: 'viewer' | 'editor';
  needs_password: boolean;
  node: Node | null;
}

export interface Change {
  op: 'put' | 'mkdir' | 'move' | 'delete' | 'props' | 'share';
  path: string;
  old_path: string | null;
  kind: 'file' | 'folder';
}
