import { useEffect, useRef, useState, type ReactNode } from 'react';
import { language, mark, t, tc } from '@cygnet/texts';
import { useActions } from '../files/useActions';
import { Bell } from '../inbox/Bell';
import { size } from '../lib/format';
import { Icon, type IconName } from '../ui/Icon';
import { IconButton } from '../ui/Button';
import { Mark } from '../ui/Mark';
import { MenuButton } from '../ui/Menu';
import { basePath } from '../api/http';
import { UploadPanel } from '../uploads/UploadPanel';
import { chooseLanguage, LANGUAGES } from './language';
import { notebookHome } from './notebook';
import { Link, useRouter } from './router';
import { folderRoute, type Route } from './routes';
import { useSite } from './site';
import { useTheme } from './theme';

const PLACES: { words: string; short: string; icon: IconName; to: Route }[] = [
  { words: mark('All files'), short: mark('Files'), icon: 'folder', to: folderRoute('/') },
  { words: mark('Shared with me'), short: mark('With me'), icon: 'shared', to: { view: 'with-me' } },
  { words: mark('Shared by me'), short: mark('By me'), icon: 'share', to: { view: 'by-me' } },
  { words: mark('Links'), short: mark('Links'), icon: 'link', to: { view: 'links' } },
  { words: mark('Classes'), short: mark('Classes'), icon: 'school', to: { view: 'classes', code: '', id: '' } },
  { words: mark('Gallery'), short: mark('Gallery'), icon: 'tiles', to: { view: 'gallery', query: '', tag: '' } },
  { words: mark('Deleted files'), short: mark('Deleted'), icon: 'trash', to: { view: 'deleted' } },
  { words: mark('Devices'), short: mark('Devices'), icon: 'device', to: { view: 'devices' } },
];

/** Where a phone has no room for them, these are in the menu of the person. */
const WIDE_ONLY: ReadonlySet<Route['view']> = new Set(['devices', 'gallery']);

/** What stands around every view: places at the left (below on a phone), search and the person above. */
export function Shell({ children }: { children: ReactNode }): JSX.Element {
  const { uploads, unfinished } = useSite();
  const actions = useActions();
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={event => { event.preventDefault(); document.getElementById('main')?.focus(); }}>{t('Skip to the contents')}</a>
      <aside className="side">
        <Link to={folderRoute('/')} className="brand" aria-label={t('Cygnet, all files')}><Mark /><b>Cygnet</b></Link>
        <Places />
        <QuotaBar />
      </aside>
      <div className="page">
        <TopBar />
        <main id="main" tabIndex={-1}>{children}</main>
      </div>
      <UploadPanel queue={uploads} unfinished={unfinished} onGoOn={actions.goOn} />
    </div>
  );
}

function Places(): JSX.Element {
  const { route } = useRouter();
  const { me } = useSite();
  return (
    <nav className="places" aria-label={t('Places')}>
      <ul>
        {PLACES.map(({ words, short, icon, to }) => (
          <li key={words} className={WIDE_ONLY.has(to.view) ? 'wide-only' : undefined}>
            <Link to={to} aria-current={placeOf(route) === to.view ? 'page' : undefined} aria-label={t(words)}>
              <Icon name={icon} />
              <span className="long" aria-hidden="true">{t(words)}</span>
              <span className="short" aria-hidden="true">{t(short)}</span>
            </Link>
          </li>
        ))}
        <li className="elsewhere">
          <a href={notebookHome(me)} aria-label={t('Notebooks')}>
            <Icon name="notebook" />
            <span className="long" aria-hidden="true">{t('Notebooks')}</span>
            <span className="short" aria-hidden="true">{tc('short', 'Notebooks')}</span>
          </a>
        </li>
      </ul>
    </nav>
  );
}

const placeOf = ({ view }: Route): Route['view'] => (view === 'share' ? 'with-me' : view);

function QuotaBar(): JSX.Element {
  const { used, total } = useSite().me.quota;
  if (total === null) return <p className="quota">{t('{used} used', { used: size(used) })}</p>;
  const full = total === 0 || used / total > 0.9;
  return (
    <div className={full ? 'quota full' : 'quota'}>
      <meter min={0} max={Math.max(1, total)} value={Math.min(used, total)} aria-label={t('Storage used')} />
      <p>{t('{used} of {total} used', { used: size(used), total: size(total) })}</p>
    </div>
  );
}

function TopBar(): JSX.Element {
  const [theme, toggle] = useTheme();
  const actions = useActions();
  return (
    <header className="top">
      <Link to={folderRoute('/')} className="brand phone-brand" aria-label={t('Cygnet, all files')}><Mark size={30} /></Link>
      <Search onHelp={actions.help} />
      <IconButton icon="help" label={t('Keyboard')} className="wide-only" onClick={actions.help} />
      <IconButton icon={theme === 'dark' ? 'sun' : 'moon'} label={theme === 'dark' ? t('Light colours') : t('Dark colours')} onClick={toggle} />
      <Bell />
      <PersonMenu />
    </header>
  );
}

function PersonMenu(): JSX.Element {
  const { me } = useSite();
  const { go } = useRouter();
  const name = me.display_name || me.name;
  return (
    <MenuButton
      label={t('{name}: notebooks, devices, log out', { name })}
      className="avatar"
      items={[
        { label: t('Notebooks'), icon: 'notebook', run: () => location.assign(notebookHome(me)) },
        { label: t('My servers'), icon: 'external', run: () => location.assign(`${me.hub_url}home`) },
        { label: t('Gallery'), icon: 'tiles', run: () => go({ view: 'gallery', query: '', tag: '' }) },
        { label: t('Devices'), icon: 'device', run: () => go({ view: 'devices' }) },
        ...LANGUAGES.filter(({ code }) => code !== language()).map(({ code, name: words }) => (
          { label: words, icon: 'globe' as const, run: () => chooseLanguage(code, me.hub_url) }
        )),
        { label: t('Log out'), icon: 'logout', run: () => location.assign(`${basePath()}logout`) },
      ]}
    >
      {name.slice(0, 1).toUpperCase()}
    </MenuButton>
  );
}

const TYPING_DELAY = 250;

function Search({ onHelp }: { onHelp: () => void }): JSX.Element {
  const { route, go } = useRouter();
  const field = useRef<HTMLInputElement>(null);
  const query = route.view === 'search' ? route.query : '';
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  useSearchKeys(field, onHelp);
  useEffect(() => {
    const word = text.trim();
    if (!word || word === query) return;
    const timer = window.setTimeout(() => go({ view: 'search', query: word }, { replace: route.view === 'search' }), TYPING_DELAY);
    return () => window.clearTimeout(timer);
  }, [text, query, go, route.view]);
  return (
    <div role="search" className="search">
      <Icon name="search" size={18} />
      <input
        ref={field}
        type="search"
        value={text}
        placeholder={t('Search by name')}
        aria-label={t('Search by name')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          setText('');
          field.current?.blur();
          if (route.view === 'search') go(folderRoute('/'));
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** "/" goes to the search, "?" shows the keys, unless something is being typed. */
function useSearchKeys(field: React.RefObject<HTMLInputElement>, onHelp: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.target as Element).closest('input,textarea,select,dialog,[role=menu]')) return;
      if (event.key === '/') field.current?.focus();
      else if (event.key === '?') onHelp();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [field, onHelp]);
}
