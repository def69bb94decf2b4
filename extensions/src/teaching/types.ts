export type GroupRole = 'member' | 'manager' | 'admin';
export type MemberState = 'active' | 'invited' | 'requested';

export interface Member {
  readonly name: string;
  readonly display_name: string;
  readonly role: GroupRole;
  readonly state: MemberState;
  readonly answers: Readonly<Record<string, string>>;
}

export interface Policies {
  readonly about: string;
  readonly visibility: 'everyone' | 'members';
  readonly members_visible: 'members' | 'managers';
  readonly joining: 'invitation' | 'request' | 'code';
  readonly fields: readonly string[];
}

/** A group; a class is one with a space. */
export interface Group extends Policies {
  readonly id: string;
  readonly name: string;
  readonly is_class: boolean;
  readonly role: GroupRole | null;
  readonly state: MemberState | null;
  readonly code: string | null;
  readonly members: readonly Member[] | null;
}

export interface Submission {
  readonly made: number;
  readonly late: boolean;
  readonly sha256: string;
  readonly files: number;
  readonly size: number;
  readonly mark: string;
  readonly comment: string;
  readonly returned: number | null;
}

/** How a student stands with a handout; times in seconds since 1970. */
export interface Standing {
  readonly user: string;
  readonly display_name: string;
  readonly path: string | null;
  readonly revision: number | null;
  readonly due: number | null;
  readonly extended: boolean;
  readonly opened: number | null;
  readonly worked: number | null;
  readonly notes: readonly string[];
  readonly submission: Submission | null;
}

export type Mode = 'copy' | 'read';

export interface Handout {
  readonly id: string;
  readonly name: string;
  readonly mode: Mode;
  readonly source: string | null;
  readonly path: string | null;
  readonly revision: number;
  readonly deadline: number | null;
  readonly students: readonly Standing[];
}

export interface Enrolled {
  readonly added: readonly string[];
  readonly known: readonly string[];
  readonly repeated: readonly string[];
}

/** What the page around the board does for it. */
export interface TeachingHost {
  /** Opens a file or folder of the person's tree. */
  readonly open: (path: string) => void;
  /** The address that a class is joined at. */
  readonly joinLink: (code: string) => string;
  /** Lets the board hear that something in the tree changed; returns how to stop. */
  readonly listen: (changed: () => void) => () => void;
}

export const teaches = (group: Group): boolean => group.role === 'admin' || group.role === 'manager';
