import type { Share } from '@cygnet/sharing';
import { t } from '@cygnet/texts';
import { useRouter } from '../app/router';
import { fileRoute, folderRoute } from '../app/routes';
import { useSite } from '../app/site';
import { FolderChooser } from '../files/FolderChooser';
import { useDialogs } from '../ui/dialogs';
import { useToasts } from '../ui/toasts';

export interface Answers {
  accept: () => void;
  decline: () => void;
  copy: () => void;
}

/** What one can do with what one received. Each says what came of it, and `done` brings the view up to date. */
export function useAnswers(share: Pick<Share, 'id' | 'name'>, done: () => void): Answers {
  const { sharing, bus } = useSite();
  const { go } = useRouter();
  const openDialog = useDialogs();
  const say = useToasts();
  const act = (run: () => Promise<void>, words?: string): void =>
    void run()
      .then(() => {
        if (words) say({ text: words });
        bus.tell(null);
      }, say.problem)
      .finally(done);
  const copy = async (): Promise<void> => {
    const folder = await openDialog<string>(close => (
      <FolderChooser title={t('Copy “{name}” to …', { name: share.name })} action={t('Copy here')} start="/" onChoose={close} />
    ));
    if (folder === undefined) return;
    const made = await sharing.copy(share.id, folder);
    say({
      text: t('“{name}” is now among your files.', { name: made.name }),
      action: { label: t('Show it'), run: () => go(made.kind === 'folder' ? folderRoute(made.path) : fileRoute(made.path)) },
    });
  };
  return {
    accept: () => act(() => sharing.accept(share.id), t('“{name}” is now in your Shares folder.', { name: share.name })),
    decline: () => act(() => sharing.decline(share.id), t('“{name}” was declined. It stays in this list in case you change your mind.', { name: share.name })),
    copy: () => act(copy),
  };
}
