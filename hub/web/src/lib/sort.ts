import { locale } from '@cygnet/texts';
import type { Node } from '../api/types';

export type SortKey = 'name' | 'mtime' | 'size';

export interface Order {
  by: SortKey;
  descending: boolean;
}

// One collator for a language: making one costs more than ten thousand comparisons.
let collator: Intl.Collator | null = null;

function byName(a: string, b: string): number {
  collator ??= new Intl.Collator(locale(), { numeric: true, sensitivity: 'base' });
  return collator.compare(a, b);
}

function compare(a: Node, b: Node, by: SortKey): number {
  return by === 'name' ? 0 : a[by] - b[by];
}

/** Folders first, then by `order`; equal ones by name. */
export function sorted(nodes: readonly Node[], order: Order): Node[] {
  const sign = order.descending ? -1 : 1;
  return [...nodes].sort((a, b) => {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
    return sign * (compare(a, b, order.by) || byName(a.name, b.name));
  });
}

/** The order after a click on a column's heading. */
export function clicked(order: Order, by: SortKey): Order {
  return order.by === by ? { by, descending: !order.descending } : { by, descending: by !== 'name' };
}
