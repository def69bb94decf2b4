/** Tells the views that something in the tree changed, whether done here or elsewhere. */

import { parent, within } from '../lib/paths';

/** `paths` of what changed; null: anything may have. */
export type Touched = readonly string[] | null;

export class Bus {
  private readonly listeners = new Set<(touched: Touched) => void>();

  subscribe(listener: (touched: Touched) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(touched: Touched): void {
    for (const listener of this.listeners) listener(touched);
  }
}

/** Whether a listing of `folder` may look different now. */
export function concerns(touched: Touched, folder: string): boolean {
  return touched === null || touched.some(path => parent(path) === folder || within(folder, path));
}
