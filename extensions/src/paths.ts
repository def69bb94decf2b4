/** The folder that accepted shares appear in. */
const SHARES = '/Shares/';

/** The path on the service of a path of the notebook server: its root folder is the person's tree. */
export function servicePath(contentsPath: string): string {
  return `/${contentsPath.replace(/^\/+/, '')}`;
}

/** The path on the notebook server of a path of the service. */
export function contentsPath(path: string): string {
  return path.replace(/^\/+/, '');
}

/** Whether somebody else shared what lies at a path of the service. */
export function isReceived(path: string): boolean {
  return path.startsWith(SHARES) && path.length > SHARES.length;
}

/** Whether `inner` is `outer` or lies below it. */
export function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
