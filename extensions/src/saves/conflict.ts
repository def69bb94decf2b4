import type { CellDifference } from '../difference';

/** A file that holds something else than its open document began from. */
export interface Conflict {
  /** Of what the file holds. */
  readonly hash: string;
  /** ISO 8601. */
  readonly changed: string;
  /** Who wrote it, where that is known. */
  readonly author: string | null;
  /** Nobody's work is at stake. */
  readonly same: boolean;
  /** The file on the left, the open document on the right; null if they cannot be compared. */
  readonly cells: readonly CellDifference[] | null;
  /** Contents with the changes of both; null if it is not known what both began with. */
  readonly merged: unknown;
  /** Cells of `merged` with the texts of both. */
  readonly conflicts: number;
}
