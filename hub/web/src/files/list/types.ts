import type { Node } from '../../api/types';
import type { Selection } from '../../lib/selection';
import type { Order } from '../../lib/sort';
import type { MenuItem } from '../../ui/Menu';

export type Look = 'table' | 'tiles';

/** What a list of entries is told by the view around it. */
export interface ListProps {
  label: string;
  nodes: readonly Node[];
  look: Look;
  selection: Selection;
  onSelection: (next: Selection) => void;
  onOpen: (node: Node) => void;
  /** where the entry's name leads, as a real address; without it the name is no link */
  hrefOf?: (node: Node) => string;
  menuOf: (node: Node) => MenuItem[];
  thumbnailOf?: (node: Node) => string;
  order?: Order;
  onOrder?: (order: Order) => void;
  renaming?: string | null;
  /** null: thought better of it */
  onRename?: (node: Node, name: string | null) => void;
  /** keys that the list itself does not know */
  onKey?: (event: React.KeyboardEvent) => void;
  onShare?: (node: Node) => void;
  /** words on where the entry lies, below its name */
  placeOf?: (node: Node) => string;
  /** what the times of the entries are; "Changed" if not said */
  timeWords?: string;
  /** entries can be dragged, and dropped on folders */
  onDrop?: (target: Node, paths: string[]) => void;
}
