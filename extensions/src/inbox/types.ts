/** What the service tells a person. */
export type NoticeKind =
  | 'share'
  | 'invitation'
  | 'handout'
  | 'update'
  | 'due'
  | 'deadline'
  | 'collected'
  | 'result'
  | 'quota'
  | 'token'
  | 'mount';

export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  /** Unix seconds. */
  readonly created: number;
  readonly read: boolean;
  readonly who: { readonly id: string; readonly display_name: string } | null;
  /** Name of the file, the handout or the credential. */
  readonly item: string;
  /** Name of the class or group. */
  readonly group: string;
  readonly path: string | null;
  readonly share: string | null;
  readonly group_id: string | null;
  readonly handout: string | null;
  /** A deadline or an end; Unix seconds. */
  readonly moment: number | null;
  readonly words: string;
}

/** How an inbox stands; `version` is another one after every change. */
export interface InboxState {
  readonly version: number;
  readonly unread: number;
}

export interface Inbox extends InboxState {
  readonly notices: readonly Notice[];
}

/** What the page around an inbox does for it. */
export interface InboxHost {
  /** Goes where one acts on a notice. */
  readonly act: (notice: Notice) => void;
}
