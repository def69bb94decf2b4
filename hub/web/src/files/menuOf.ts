import { t } from '@cygnet/texts';
import type { Node } from '../api/types';
import { notebookAddress } from '../app/notebook';
import type { Me } from '../api/types';
import { kindOf } from '../lib/kinds';
import { parent } from '../lib/paths';
import { mayDelete, mayMove, mayRename, mayShare } from '../lib/permissions';
import type { MenuItem } from '../ui/Menu';
import type { Actions } from './useActions';

interface Around {
  me: Me;
  actions: Actions;
  /** all that the action is for; holds `node` */
  chosen: readonly Node[];
  open: (node: Node) => void;
  rename: (node: Node) => void;
}

/** The actions that make sense for what is chosen and that its permissions allow. */
export function menuOf(node: Node, around: Around): MenuItem[] {
  return around.chosen.length > 1 ? menuOfMany(around) : menuOfOne(node, around);
}

function menuOfOne(node: Node, { me, actions, open, rename }: Around): MenuItem[] {
  const items: (MenuItem | false)[] = [
    { label: t('Open'), icon: node.kind === 'folder' ? 'folder' : 'external', run: () => open(node), keys: 'Enter' },
    kindOf(node) === 'notebook' && {
      label: t('Open in notebook'), icon: 'notebook', run: () => location.assign(notebookAddress(me, node.path)),
    },
    kindOf(node) === 'notebook' && { label: t('Open link and badge'), icon: 'link', run: () => actions.openLink(node) },
    mayShare(node) && { label: t('Share'), icon: 'share', run: () => actions.share(node) },
    { label: node.kind === 'folder' ? t('Download as zip') : t('Download'), icon: 'download', run: () => actions.download([node]) },
    node.kind === 'file' && { label: t('Versions'), icon: 'history', run: () => actions.versions(node) },
    mayRename(node) && { label: t('Rename'), icon: 'rename', run: () => rename(node), keys: 'F2' },
    mayMove(node) && { label: t('Move'), icon: 'move', run: () => void actions.transfer('move', [node.path], parent(node.path)) },
    { label: t('Copy'), icon: 'copy', run: () => void actions.transfer('copy', [node.path], parent(node.path)) },
    mayDelete(node) && { label: t('Delete'), icon: 'trash', run: () => actions.remove([node]), danger: true, keys: 'Del' },
  ];
  return items.filter((item): item is MenuItem => item !== false);
}

function menuOfMany({ actions, chosen }: Around): MenuItem[] {
  const paths = chosen.map(node => node.path);
  const from = parent(paths[0]);
  const items: (MenuItem | false)[] = [
    { label: t('Download as zip'), icon: 'download', run: () => actions.download(chosen) },
    chosen.every(mayMove) && { label: t('Move'), icon: 'move', run: () => void actions.transfer('move', paths, from) },
    { label: t('Copy'), icon: 'copy', run: () => void actions.transfer('copy', paths, from) },
    chosen.every(mayDelete) && { label: t('Delete'), icon: 'trash', run: () => actions.remove(chosen), danger: true, keys: 'Del' },
  ];
  return items.filter((item): item is MenuItem => item !== false);
}
