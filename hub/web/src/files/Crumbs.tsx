import type { ReactNode } from 'react';
import { t } from '@cygnet/texts';
import { folderRoute, format, type Route } from '../app/routes';
import { join, ROOT, segments } from '../lib/paths';
import { Icon } from '../ui/Icon';

interface Props {
  path: string;
  /** the words for the root */
  root?: string;
  onGo: (path: string) => void;
  routeOf?: (path: string) => Route;
}

/** The way from the root to a folder; each part leads there. */
export function Crumbs({ path, root = t('All files'), onGo, routeOf = folderRoute }: Props): JSX.Element {
  const parts = segments(path);
  const paths = parts.map((_, at) => parts.slice(0, at + 1).reduce(join, ROOT));
  const crumb = (to: string, words: ReactNode, last: boolean): JSX.Element => (
    <li key={to}>
      {to !== ROOT && <Icon name="next" size={14} />}
      <a
        href={format(routeOf(to))}
        aria-current={last ? 'page' : undefined}
        onClick={event => {
          if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onGo(to);
        }}
      >
        {words}
      </a>
    </li>
  );
  return (
    <nav className="crumbs" aria-label={t('Folders on the way here')}>
      <ol>
        {crumb(ROOT, root, parts.length === 0)}
        {parts.map((part, at) => crumb(paths[at], part, at === parts.length - 1))}
      </ol>
    </nav>
  );
}
