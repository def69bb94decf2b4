import { useEffect, useState } from 'react';
import { t } from '@cygnet/texts';
import * as api from '../api/files';
import { ApiError, inWords, SESSION_EXPIRED } from '../api/http';
import type { Me } from '../api/types';
import { ClassesView } from '../classes/ClassesView';
import { DeletedView } from '../history/DeletedView';
import { FilesView } from '../files/FilesView';
import { SearchView } from '../files/SearchView';
import { basename } from '../lib/paths';
import { GalleryView } from '../gallery/GalleryView';
import { InboxView } from '../inbox/InboxView';
import { OpenView } from '../opening/OpenView';
import { PublicPage } from '../public/PublicPage';
import { DevicesView } from '../settings/DevicesView';
import { ByMeView } from '../shares/ByMeView';
import { LookView } from '../shares/LookView';
import { WithMeView } from '../shares/WithMeView';
import { Button } from '../ui/Button';
import { Dialogs } from '../ui/dialogs';
import { Mark } from '../ui/Mark';
import { Empty, Loading } from '../ui/states';
import { Toasts } from '../ui/toasts';
import { Fallback } from './Fallback';
import { keepFocus } from './focus';
import { Link, RouterProvider, useRouter } from './router';
import { folderRoute, type Route } from './routes';
import { Shell } from './Shell';
import { SiteProvider } from './site';

export function App(): JSX.Element {
  useEffect(keepFocus, []);
  return (
    <RouterProvider>
      <Fallback>
        <Toasts>
          <Page />
        </Toasts>
      </Fallback>
    </RouterProvider>
  );
}

function Page(): JSX.Element {
  const { route } = useRouter();
  useEffect(() => {
    document.title = `${titleOf(route)} · Cygnet`;
  }, [route]);
  if (route.view === 'public') return <Dialogs><PublicPage token={route.token} path={route.path} file={route.file} /></Dialogs>;
  return <SignedIn route={route} />;
}

function titleOf(route: Route): string {
  switch (route.view) {
    case 'files':
      return route.file ?? (basename(route.path) || t('All files'));
    case 'search':
      return t('Search “{query}”', { query: route.query });
    case 'public':
      return t('Shared');
    case 'share':
      return route.file ?? (basename(route.path) || t('Shared with me'));
    case 'with-me':
      return t('Shared with me');
    case 'by-me':
      return t('Shared by me');
    case 'links':
      return t('Links');
    case 'devices':
      return t('Devices');
    case 'deleted':
      return t('Deleted files');
    case 'classes':
      return t('Classes');
    case 'inbox':
      return t('Inbox');
    case 'gallery':
      return t('Gallery');
    case 'open':
      return t('Open');
    case 'missing':
      return t('Not found');
  }
}

type Session = { me: Me } | { error: Error } | null;

function SignedIn({ route }: { route: Route }): JSX.Element {
  const [session, setSession] = useState<Session>(null);
  useEffect(() => void api.me().then(me => setSession({ me }), (error: Error) => setSession({ error })), []);
  if (!session) return <Loading label={t('Opening your files')} />;
  if ('error' in session) return <NoSession error={session.error} />;
  return (
    <Dialogs>
      <SiteProvider me={session.me}>
        <Shell>
          <View route={route} />
        </Shell>
        <SessionEnded />
      </SiteProvider>
    </Dialogs>
  );
}

function NoSession({ error }: { error: Error }): JSX.Element {
  const signedOut = error instanceof ApiError && error.status === 401;
  return (
    <main className="lock">
      <Mark size={56} />
      <h1>{signedOut ? t('Log in to see your files') : t('Your files cannot be shown now')}</h1>
      {!signedOut && <p className="quiet">{inWords(error)}</p>}
      <Button look="primary" onClick={() => location.reload()}>{signedOut ? t('Log in') : t('Try again')}</Button>
    </main>
  );
}

/** Loading the page anew leads to the login and back to where the person was. */
function SessionEnded(): JSX.Element | null {
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const end = (): void => setEnded(true);
    window.addEventListener(SESSION_EXPIRED, end);
    return () => window.removeEventListener(SESSION_EXPIRED, end);
  }, []);
  if (!ended) return null;
  return (
    <div className="banner" role="alert">
      <span>{t('Your session has ended.')}</span>
      <a className="button primary" href={location.href}>{t('Log in again')}</a>
    </div>
  );
}

function View({ route }: { route: Route }): JSX.Element {
  switch (route.view) {
    case 'files':
      return <FilesView path={route.path} file={route.file} />;
    case 'search':
      return <SearchView query={route.query} />;
    case 'with-me':
      return <WithMeView />;
    case 'share':
      return <LookView key={route.id} id={route.id} path={route.path} file={route.file} />;
    case 'by-me':
    case 'links':
      return <ByMeView key={route.view} view={route.view} />;
    case 'devices':
      return <DevicesView />;
    case 'deleted':
      return <DeletedView />;
    case 'classes':
      return <ClassesView code={route.code} id={route.id} />;
    case 'inbox':
      return <InboxView />;
    case 'gallery':
      return <GalleryView query={route.query} tag={route.tag} />;
    case 'open':
      return <OpenView target={route.target} />;
    default:
      return (
        <Empty icon="warning" title={t('There is no such page')}>
          <Link className="button primary" to={folderRoute('/')}>{t('All files')}</Link>
        </Empty>
      );
  }
}
