/** Paths that look deleted already while the service is still at it, so that nothing waits and nothing flashes. */

export class Vanished {
  private readonly groups = new Set<readonly string[]>();
  private paths: ReadonlySet<string> = new Set();
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): ReadonlySet<string> => this.paths;

  /** @returns shows them again */
  hide(paths: readonly string[]): () => void {
    const group = [...paths];
    this.groups.add(group);
    this.tell();
    return () => {
      if (this.groups.delete(group)) this.tell();
    };
  }

  private tell(): void {
    this.paths = new Set([...this.groups].flat());
    for (const listener of this.listeners) listener();
  }
}
