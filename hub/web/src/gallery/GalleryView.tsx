import { useCallback, useEffect, useMemo, useState } from 'react';
import type { GalleryEntry, GalleryTag } from '@cygnet/gallery';
import { t } from '@cygnet/texts';
import { inWords } from '../api/http';
import { notebookAddress } from '../app/notebook';
import { Link, useRouter } from '../app/router';
import { folderRoute } from '../app/routes';
import { useSite } from '../app/site';
import { ago } from '../lib/format';
import { ROOT } from '../lib/paths';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Empty, Loading } from '../ui/states';
import { useToasts } from '../ui/toasts';
import { galleryClient } from './api';

interface Props {
  query: string;
  tag: string;
}

type Found = { entries: GalleryEntry[]; tags: GalleryTag[] };

const TYPING_DELAY = 250;

/** Notebooks that people have published: found by words and tags, looked at, copied. */
export function GalleryView({ query, tag }: Props): JSX.Element {
  const { found, error, reload } = useGallery(query, tag);
  return (
    <div className="view scrolling">
      <div className="view-head"><h1>{t('Gallery')}</h1></div>
      <div className="board gallery">
        <p className="quiet">{t('Notebooks that people here have published. Look at one, and copy it to work with it.')}</p>
        <Search query={query} tag={tag} />
        {found && found.tags.length > 0 && <Tags tags={found.tags} query={query} chosen={tag} />}
        {error && <Empty icon="warning" title={t('This list cannot be shown')}><p>{error}</p></Empty>}
        {!found && !error && <Loading />}
        {found?.entries.length === 0 && (query || tag ? <NothingFits /> : <NothingYet />)}
        <ul className="gallery-cards" aria-label={t('Gallery')}>
          {found?.entries.map(entry => <Card key={entry.id} entry={entry} query={query} reload={reload} />)}
        </ul>
      </div>
    </div>
  );
}

function useGallery(query: string, tag: string): { found: Found | null; error: string; reload: () => void } {
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState('');
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    galleryClient().search(query, tag).then(
      answer => {
        if (!current) return;
        setFound(answer);
        setError('');
      },
      (cause: unknown) => current && setError(inWords(cause)),
    );
    return () => {
      current = false;
    };
  }, [query, tag, turn]);
  const reload = useCallback(() => setTurn(n => n + 1), []);
  return { found, error, reload };
}

function Search({ query, tag }: Props): JSX.Element {
  const { go } = useRouter();
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  useEffect(() => {
    const words = text.trim();
    if (words === query) return;
    const timer = window.setTimeout(() => go({ view: 'gallery', query: words, tag }, { replace: true }), TYPING_DELAY);
    return () => window.clearTimeout(timer);
  }, [text, query, tag, go]);
  return (
    <div role="search" className="search" aria-label={t('Search the gallery')}>
      <Icon name="search" size={18} />
      <input type="search" value={text} placeholder={t('Search the gallery')} aria-label={t('Search the gallery')} onChange={event => setText(event.target.value)} />
    </div>
  );
}

function Tags({ tags, query, chosen }: { tags: GalleryTag[]; query: string; chosen: string }): JSX.Element {
  return (
    <nav className="gallery-tags" aria-label={t('Tags')}>
      <Link to={{ view: 'gallery', query, tag: '' }} aria-current={chosen ? undefined : 'true'}>{t('All')}</Link>
      {tags.map(({ tag, count }) => (
        <Link key={tag} to={{ view: 'gallery', query, tag }} aria-current={chosen === tag ? 'true' : undefined}>
          {tag} <small>{count}</small>
        </Link>
      ))}
    </nav>
  );
}

function NothingYet(): JSX.Element {
  return (
    <Empty icon="notebook" title={t('The gallery is empty')}>
      <p>{t('Be the first: choose a notebook under All files, press Share, and publish it in the gallery.')}</p>
      <Link className="button primary" to={folderRoute(ROOT)}>{t('All files')}</Link>
    </Empty>
  );
}

function NothingFits(): JSX.Element {
  return (
    <Empty icon="search" title={t('Nothing in the gallery fits')}>
      <p>{t('Try fewer words, or another tag.')}</p>
      <Link className="button primary" to={{ view: 'gallery', query: '', tag: '' }}>{t('Show everything')}</Link>
    </Empty>
  );
}

function Card({ entry, query, reload }: { entry: GalleryEntry; query: string; reload: () => void }): JSX.Element {
  const { me, bus } = useSite();
  const say = useToasts();
  const client = useMemo(galleryClient, []);
  const [busy, setBusy] = useState(false);
  const { id, title, about, tags, author, group, published, mine } = entry;
  const act = (run: () => Promise<void>): void => {
    setBusy(true);
    void run().catch(say.problem).finally(() => setBusy(false));
  };
  const copy = async (): Promise<void> => {
    const made = await client.copy(id, ROOT);
    bus.tell([made.path]);
    const open = { label: t('Open in notebook'), run: () => location.assign(notebookAddress(me, made.path)) };
    say({ text: t('“{name}” is now among your files.', { name: made.name }), action: open });
  };
  const takeOut = async (): Promise<void> => {
    await client.takeOut(id);
    say({ text: t('“{title}” is no longer in the gallery. The notebook itself stays where it is.', { title }) });
    reload();
  };
  return (
    <li className="gallery-card">
      <h2><Link to={{ view: 'open', target: { gallery: id } }}>{title}</Link></h2>
      {about && <p>{about}</p>}
      <small className="quiet">
        {t('by {who}', { who: author.display_name })}{group && <> {t('for {group}', { group })}</>} · {ago(published)}
      </small>
      <div className="gallery-tags">
        {tags.map(tag => <Link key={tag} to={{ view: 'gallery', query, tag }}>{tag}</Link>)}
      </div>
      <div className="card-actions">
        <Button look="primary" icon="copy" disabled={busy} aria-label={t('Copy to my files: {title}', { title })} onClick={() => act(copy)}>{t('Copy to my files')}</Button>
        {mine && <Button look="quiet" disabled={busy} aria-label={t('Take out of the gallery: {title}', { title })} onClick={() => act(takeOut)}>{t('Take out')}</Button>}
      </div>
    </li>
  );
}
