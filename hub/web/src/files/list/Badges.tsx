import { t } from '@cygnet/texts';
import type { Node } from '../../api/types';
import { isForeign } from '../../lib/permissions';
import { Icon } from '../../ui/Icon';

const LINK = 3;

/** Who else can see the entry, in signs and in words. */
export function Badges({ node }: { node: Node }): JSX.Element | null {
  const people = node.share_types.some(type => type !== LINK);
  const link = node.share_types.includes(LINK);
  const foreign = isForeign(node);
  if (!people && !link && !foreign) return null;
  return (
    <span className="badges">
      {foreign && <Badge icon="shared" words={t('Shared by {name}', { name: node.owner.display_name })} />}
      {people && <Badge icon="shared" words={t('Shared')} />}
      {link && <Badge icon="link" words={t('Has a link')} />}
    </span>
  );
}

function Badge({ icon, words }: { icon: 'shared' | 'link'; words: string }): JSX.Element {
  return (
    <span className="badge" title={words}>
      <Icon name={icon} size={15} />
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
