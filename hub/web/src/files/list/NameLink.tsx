import type { MouseEvent } from 'react';
import type { EntryProps } from './entry';

type Props = Pick<EntryProps, 'node' | 'list' | 'onPick'>;

/** The name of an entry; a real link, so that it can be opened in another tab. */
export function NameLink(props: Props): JSX.Element {
  const { node, list } = props;
  if (!list.hrefOf) return <span className="name-link" title={node.name}>{node.name}</span>;
  return (
    <a
      href={list.hrefOf(node)}
      tabIndex={-1}
      draggable={false}
      className="name-link"
      title={node.name}
      onClick={event => follow(event, props)}
    >
      {node.name}
    </a>
  );
}

/** Opens in this page, unless the person asked for another tab. */
function follow(event: MouseEvent, { node, list, onPick }: Props): void {
  if (event.button !== 0) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey) {
    event.preventDefault();
    onPick(event);
    return;
  }
  event.preventDefault();
  list.onOpen(node);
}
