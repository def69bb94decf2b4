import { t, tn } from '@cygnet/texts';
import type { Node } from '../api/types';
import { mayAdd, mayDelete, mayMove, mayShare } from '../lib/permissions';
import { parent } from '../lib/paths';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { MenuButton } from '../ui/Menu';
import type { Look } from './list/types';
import type { Actions } from './useActions';

interface Props {
  folder?: Node;
  chosen: Node[];
  look: Look;
  onLook: (look: Look) => void;
  actions: Actions;
  onNewFolder: () => void;
  onClear: () => void;
}

/** What can be done here; or, while something is chosen, with that. */
export function Toolbar(props: Props): JSX.Element {
  const { look, onLook } = props;
  return (
    <div className="toolbar" role="toolbar" aria-label={t('Files')}>
      {props.chosen.length ? <ForChosen {...props} /> : <ForFolder {...props} />}
      <IconButton
        icon={look === 'table' ? 'tiles' : 'list'}
        label={look === 'table' ? t('Show as tiles') : t('Show as a table')}
        onClick={() => onLook(look === 'table' ? 'tiles' : 'table')}
      />
    </div>
  );
}

function ForFolder({ folder, actions, onNewFolder }: Props): JSX.Element | null {
  if (!folder || !mayAdd(folder)) return null;
  return (
    <MenuButton
      label={t('New')}
      className="button primary"
      items={[
        { label: t('Upload files'), icon: 'upload', run: () => actions.pickFiles(folder.path, 'files'), keys: 'U' },
        { label: t('Upload a folder'), icon: 'upload', run: () => actions.pickFiles(folder.path, 'folder') },
        { label: t('New folder'), icon: 'folder', run: onNewFolder, keys: 'N' },
      ]}
    >
      <Icon name="add" size={18} />
      <span>{t('New')}</span>
    </MenuButton>
  );
}

function ForChosen({ chosen, actions, onClear }: Props): JSX.Element {
  const paths = chosen.map(node => node.path);
  const from = parent(paths[0]);
  return (
    <div className="chosen-tools">
      <IconButton icon="close" label={t('Select nothing')} onClick={onClear} />
      <span className="chosen-count" role="status">{tn('{n} selected', '{n} selected', chosen.length)}</span>
      {chosen.length === 1 && mayShare(chosen[0]) && <Tool icon="share" words={t('Share')} run={() => actions.share(chosen[0])} />}
      <Tool icon="download" words={t('Download')} run={() => actions.download(chosen)} />
      {chosen.every(mayMove) && <Tool icon="move" words={t('Move')} run={() => void actions.transfer('move', paths, from)} />}
      <Tool icon="copy" words={t('Copy')} run={() => void actions.transfer('copy', paths, from)} />
      {chosen.every(mayDelete) && <Tool icon="trash" words={t('Delete')} run={() => actions.remove(chosen)} />}
    </div>
  );
}

function Tool({ icon, words, run }: { icon: Parameters<typeof Icon>[0]['name']; words: string; run: () => void }): JSX.Element {
  return <Button look="quiet" icon={icon} aria-label={words} title={words} onClick={run}>{words}</Button>;
}
