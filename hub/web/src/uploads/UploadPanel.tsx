import { useEffect, useState, useSyncExternalStore } from 'react';
import { mark, t, tn } from '@cygnet/texts';
import { size } from '../lib/format';
import { basename, join } from '../lib/paths';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { giveUp } from './parts';
import type { Upload, UploadQueue, UploadState } from './queue';
import type { Unfinished, UnfinishedUploads } from './unfinished';

interface Props {
  queue: UploadQueue;
  unfinished: UnfinishedUploads;
  onGoOn: (upload: Unfinished) => void;
}

const WORDS: Record<UploadState, string> = {
  waiting: mark('Waiting'),
  sending: mark('Uploading'),
  done: mark('Uploaded'),
  failed: mark('Failed'),
  cancelled: mark('Cancelled'),
  skipped: mark('Skipped'),
};

const SHOWN = 200; // rows of a long batch; the heading counts them all

/** The uploads of this visit, at the corner of the window. */
export function UploadPanel({ queue, unfinished, onGoOn }: Props): JSX.Element | null {
  const uploads = useSyncExternalStore(queue.subscribe, queue.snapshot);
  const known = useSyncExternalStore(unfinished.subscribe, unfinished.snapshot);
  const places = new Set(uploads.filter(one => isOpen(one) || one.state === 'failed').map(one => join(one.folder, one.name)));
  const broken = known.filter(one => !places.has(one.path));
  const [open, setOpen] = useState(true);
  const busy = uploads.some(isOpen);
  useWarningOnLeave(busy);
  useLeavingWhenDone(uploads, queue);
  if (!uploads.length && !broken.length) return null;
  const order = [...uploads].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
  return (
    <section className="uploads" aria-label={t('Uploads')}>
      <header>
        <h2 role="status">{uploads.length ? heading(uploads) : tn('{n} upload interrupted', '{n} uploads interrupted', broken.length)}</h2>
        {busy && <button type="button" className="link" onClick={() => queue.cancelAll()}>{t('Cancel all')}</button>}
        <IconButton icon={open ? 'down' : 'upload'} label={open ? t('Show less') : t('Show uploads')} onClick={() => setOpen(!open)} />
        {!busy && !broken.length && <IconButton icon="close" label={t('Close the list of uploads')} onClick={() => queue.clear()} />}
      </header>
      <Bar uploads={uploads} />
      {open && (
        <ul>
          {broken.map(one => <Broken key={one.id} upload={one} onGoOn={() => onGoOn(one)} onForget={() => void giveUp(one.id, unfinished)} />)}
          {order.slice(0, SHOWN).map(upload => <Row key={upload.id} upload={upload} queue={queue} />)}
        </ul>
      )}
    </section>
  );
}

const isOpen = (upload: Upload): boolean => upload.state === 'waiting' || upload.state === 'sending';

function heading(uploads: readonly Upload[]): string {
  const left = uploads.filter(isOpen).length;
  if (left) return tn('Uploading {n} item', 'Uploading {n} items', left);
  const failed = uploads.filter(one => one.state === 'failed').length;
  if (failed) return tn('{n} upload failed', '{n} uploads failed', failed);
  const done = uploads.filter(one => one.state === 'done').length;
  return done ? tn('{n} item uploaded', '{n} items uploaded', done) : t('Nothing uploaded');
}

function Bar({ uploads }: { uploads: readonly Upload[] }): JSX.Element | null {
  const open = uploads.some(isOpen);
  const counted = uploads.filter(one => isOpen(one) || one.state === 'done');
  const total = counted.reduce((sum, one) => sum + one.size, 0);
  const sent = counted.reduce((sum, one) => sum + one.sent, 0);
  return open ? <progress aria-label={t('All uploads')} max={Math.max(1, total)} value={sent} /> : null;
}

function Row({ upload, queue }: { upload: Upload; queue: UploadQueue }): JSX.Element {
  const share = upload.size ? Math.round((100 * upload.sent) / upload.size) : 0;
  return (
    <li className={`upload ${upload.state}`}>
      <div className="upload-name">
        <strong title={`${upload.folder}/${upload.name}`}>{upload.name}</strong>
        <small>{upload.error ?? stateWords(upload, share)}</small>
      </div>
      {upload.state === 'done' && <Icon name="check" />}
      {upload.state === 'failed' && <IconButton icon="refresh" label={t('Try {name} again', { name: upload.name })} onClick={() => queue.retry(upload.id)} />}
      {isOpen(upload) && <IconButton icon="close" label={t('Cancel {name}', { name: upload.name })} onClick={() => queue.cancel(upload.id)} />}
      {upload.state === 'sending' && <i className="upload-bar" style={{ width: `${share}%` }} />}
    </li>
  );
}

function stateWords({ state, waiting, size: whole }: Upload, share: number): string {
  if (state !== 'sending') return t(WORDS[state]);
  return waiting ? t('The connection is lost at {share} %; trying again', { share }) : t('{share} % of {size}', { share, size: size(whole) });
}

/** Begun on a page that was left: the browser does not keep the file, so the person chooses it once more. */
function Broken({ upload, onGoOn, onForget }: { upload: Unfinished; onGoOn: () => void; onForget: () => void }): JSX.Element {
  const name = basename(upload.path);
  const share = Math.floor((100 * upload.received) / upload.size);
  return (
    <li className="upload">
      <div className="upload-name">
        <strong title={upload.path}>{name}</strong>
        <small>{t('Interrupted at {share} %. Choose the file again to go on.', { share })}</small>
      </div>
      <Button aria-label={t('Choose {name} again', { name })} onClick={onGoOn}>{t('Choose')}</Button>
      <IconButton icon="close" label={t('Give up {name}', { name })} onClick={onForget} />
    </li>
  );
}

const STAY = 8_000; // milliseconds after the last one

/** A list in which all went well goes by itself. */
function useLeavingWhenDone(uploads: readonly Upload[], queue: UploadQueue): void {
  useEffect(() => {
    if (uploads.some(one => one.state !== 'done')) return;
    const timer = window.setTimeout(() => queue.clear(), STAY);
    return () => window.clearTimeout(timer);
  }, [uploads, queue]);
}

function useWarningOnLeave(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);
}
