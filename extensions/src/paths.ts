import { PageConfig, URLExt } from '@jupyterlab/coreutils';

/** The folders that accepted shares and classes appear in. */
const OTHERS = ['/Shares/', '/Classes/'];

/** The path on the service of a path of the notebook server: its root folder is the person's tree. */
export function servicePath(contentsPath: string): string {
  return `/${contentsPath.replace(/^\/+/, '')}`;
}

/** The path on the notebook server of a path of the service. */
export function contentsPath(path: string): string {
  return path.replace(/^\/+/, '');
}

/** Whether what lies at a path of the service is another's: shared, or of a class. */
export function isReceived(path: string): boolean {
  return OTHERS.some(folder => path.startsWith(folder) && path.length > folder.length);
}

/** Whether `inner` is `outer` or lies below it. */
export function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** The address of a page of the hub. */
export function hubPage(page: string): string {
  return URLExt.join(PageConfig.getOption('hubPrefix') || '/hub/', page);
}

/** The address of a page of the Files site, which lies beside the hub. */
export function filesSite(page: string): string {
  return URLExt.join(PageConfig.getOption('hubPrefix') || '/hub/', '..', 'services/sync', page);
}
