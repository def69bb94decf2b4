/** Lines that both sides have, or one. */
export interface Lines {
  readonly side: 'same' | 'left' | 'right';
  readonly text: string;
  /** How many unchanged ones are left out here. */
  readonly skipped: number;
}

/** One cell, or several in a row that do not differ. */
export interface CellDifference {
  /** The side that has it, if only one does. */
  readonly kind: 'same' | 'changed' | 'left' | 'right';
  readonly cell_type: string;
  /** Of cells that are the same. */
  readonly count: number;
  readonly who: 'left' | 'right' | 'both' | null;
  readonly lines: readonly Lines[];
  /** Its outputs differ. */
  readonly outputs: boolean;
}
