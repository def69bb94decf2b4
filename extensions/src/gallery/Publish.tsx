import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../sharing';
import { locale, t } from '../texts';
import type { GalleryClient } from './client';
import type { GalleryEntry } from './types';

interface Props {
  readonly client: GalleryClient;
  readonly path: string;
}

type Known = { readonly entry: GalleryEntry | null; readonly groups: readonly string[] } | null;

/** Part of the share dialog of a notebook: show it to everybody, and take it out again. */
export function Publish({ client, path }: Props): JSX.Element | null {
  const [known, setKnown] = useState<Known>(null);
  const load = useCallback(() => {
    // On a service without a gallery nobody misses this part of the dialog.
    Promise.all([client.publishedOf(path), client.groups()]).then(
      ([entry, groups]) => setKnown({ entry, groups }),
      () => setKnown(null)
    );
  }, [client, path]);
  useEffect(load, [load]);
  if (!path.endsWith('.ipynb') || !known) {
    return null;
  }
  return <Form client={client} path={path} entry={known.entry} groups={known.groups} onDone={load} />;
}

interface FormProps extends Props {
  readonly entry: GalleryEntry | null;
  readonly groups: readonly string[];
  readonly onDone: () => void;
}

function Form({ client, path, entry, groups, onDone }: FormProps): JSX.Element {
  const [about, setAbout] = useState(entry?.about ?? '');
  const [tags, setTags] = useState(entry?.tags.join(', ') ?? '');
  const [group, setGroup] = useState(entry?.group ?? '');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState('');
  const attempt = async (what: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true);
    setProblem('');
    setSaid('');
    try {
      await what();
      setSaid(done);
      onDone();
    } catch (reason) {
      setProblem(messageOf(reason));
    }
    setBusy(false);
  };
  const publish = (): Promise<void> =>
    attempt(() => client.publish({ path, about, tags: tags.split(','), group }), t('It is in the gallery now.'));
  return (
    <section className="cyg-sharing cyg-teaching cyg-hand-out" aria-label={t('Publish in the gallery')}>
      <h3>{t('Publish in the gallery')}</h3>
      <p className="cyg-quiet">
        {entry
          ? t('This notebook is in the gallery, as it was on {date}.', { date: new Date(entry.published * 1000).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' }) })
          : t('Everybody with an account here can find, look at and copy it, as it is now.')}
      </p>
      <form className="cyg-form" onSubmit={event => { event.preventDefault(); void publish(); }}>
        <label className="cyg-grow">
          <span>{t('What it is about')}</span>
          <input className="cyg-input" value={about} maxLength={500} onChange={event => setAbout(event.target.value)} />
        </label>
        <label className="cyg-grow">
          <span>{t('Tags, with commas between')}</span>
          <input className="cyg-input" value={tags} onChange={event => setTags(event.target.value)} />
        </label>
        {groups.length > 0 && (
          <label>
            <span>{t('In the name of')}</span>
            <select className="cyg-select" value={group} onChange={event => setGroup(event.target.value)}>
              <option value="">{t('Myself')}</option>
              {groups.map(name => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
        )}
        <button type="submit" className="cyg-button cyg-primary" disabled={busy}>{entry ? t('Publish again, as it is now') : t('Publish')}</button>
        {entry && (
          <button type="button" className="cyg-button" disabled={busy} onClick={() => void attempt(() => client.takeOut(entry.id), t('It is no longer in the gallery.'))}>
            {t('Take out')}
          </button>
        )}
      </form>
      {problem && <p className="cyg-error" role="alert">{problem}</p>}
      <p role="status">{said}</p>
    </section>
  );
}
