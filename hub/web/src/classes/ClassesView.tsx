import { useMemo } from 'react';
import { TeachingBoard, TeachingClient, type TeachingHost } from '@cygnet/teaching';
import { t } from '@cygnet/texts';
import { files } from '../api/files';
import { basePath, fetchLike } from '../api/http';
import { useRouter } from '../app/router';
import { fileRoute, folderRoute, format } from '../app/routes';
import { useSite } from '../app/site';
import { useToasts } from '../ui/toasts';

export const teachingClient = (): TeachingClient => new TeachingClient(`${basePath()}api/v1/`, fetchLike);

/** The person's classes and groups; the board is the one that notebooks have too. */
export function ClassesView({ code, id }: { code: string; id: string }): JSX.Element {
  const { me, bus } = useSite();
  const { go } = useRouter();
  const say = useToasts();
  const client = useMemo(teachingClient, []);
  const host = useMemo<TeachingHost>(
    () => ({
      open: path =>
        void files.list(path).then(
          ({ node }) => go(node.kind === 'folder' ? folderRoute(path) : fileRoute(path)),
          say.problem,
        ),
      joinLink: key => new URL(format({ view: 'classes', code: key, id: '' }), location.href).href,
      listen: changed => bus.subscribe(changed),
    }),
    [go, bus, say],
  );
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{t('Classes')}</h1></div>
      <div className="board"><TeachingBoard key={id} open={id || null} client={client} host={host} me={me.name} code={code} /></div>
    </div>
  );
}
