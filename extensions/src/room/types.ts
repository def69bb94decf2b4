/** In bytes. */
export interface Quota {
  readonly used: number;
  /** null without a limit. */
  readonly total: number | null;
  readonly free: number | null;
}

/** A file, or a folder with all in it. */
export interface Item {
  readonly name: string;
  /** On the notebook server. */
  readonly path: string;
  readonly folder: boolean;
  /** Bytes. */
  readonly size: number;
}

export interface Room {
  readonly quota: Quota;
  readonly items: readonly Item[];
}

/** How full it is: `nearly` from 90 %, `full` from 99 %, as the inbox tells. */
export function fullness({ used, total }: Quota): 'some' | 'nearly' | 'full' {
  const part = total === null ? 0 : total === 0 ? 1 : used / total;
  return part >= 0.99 ? 'full' : part >= 0.9 ? 'nearly' : 'some';
}
