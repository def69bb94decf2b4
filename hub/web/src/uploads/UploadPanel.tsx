import { useEffect, useState, useSyncExternalStore } from 'react';
import { count, size } from '../lib/format';
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
  waiting: 'Waiting',
  sending: 'Uploading',
  done: 'Uploaded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
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
    <section className="uploads" aria-label="Uploads">
      <header>
        <h2 role="status">{uploads.length ? heading(uploads) : `${count(broken.length, 'upload')} interrupted`}</h2>
        {busy && <button type="button" className="link" onClick={() => queue.cancelAll()}>Cancel all</button>}
        <IconButton icon={open ? 'down' : 'upload'} label={open ? 'Show less' : 'Show uploads'} onClick={() => setOpen(!open)} />
        {!busy && !broken.length && <IconButton icon="close" label="Close the list of uploads" onClick={() => queue.clear()} />}
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
  if (left) return `Uploading ${count(left, 'item')}`;
  const failed = uploads.filter(one => one.state === 'failed').length;
  if (failed) return `${count(failed, 'upload')} failed`;
  const done = uploads.filter(one => one.state === 'done').length;
  return done ? `${count(done, 'item')} uploaded` : 'Nothing uploaded';
}

function Bar({ uploads }: { uploads: readonly Upload[] }): JSX.Element | null {
  const open = uploads.some(isOpen);
  const counted = uploads.filter(one => isOpen(one) || one.state === 'done');
  const total = counted.reduce((sum, one) => sum + one.size, 0);
  const sent = counted.reduce((sum, one) => sum + one.sent, 0);
  return open ? <progress aria-label="All uploads" max={Math.max(1, total)} value={sent} /> : null;
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
      {upload.state === 'failed' && <IconButton icon="refresh" label={`Try ${upload.name} again`} onClick={() => queue.retry(upload.id)} />}
      {isOpen(upload) && <IconButton icon="close" label={`Cancel ${upload.name}`} onClick={() => queue.cancel(upload.id)} />}
      {upload.state === 'sending' && <i className="upload-bar" style={{ width: `${share}%` }} />}
    </li>
  );
}

function stateWords({ state, waiting, size: whole }: Upload, share: number): string {
  if (state !== 'sending') return WORDS[state];
  return waiting ? `The connection is lost at ${share} %; trying again` : `${share} % of ${size(whole)}`;
}

/** Begun on a page that was left: the browser does not keep the file, so the person chooses it once more. */
function Broken({ upload, onGoOn, onForget }: { upload: Unfinished; onGoOn: () => void; onForget: () => void }): JSX.Element {
  const name = basename(upload.path);
  const share = Math.floor((100 * upload.received) / upload.size);
  return (
    <li className="upload">
      <div className="upload-name">
        <strong title={upload.path}>{name}</strong>
        <small>Interrupted at {share} %. Choose the file again to go on.</small>
      </div>
      <Button aria-label={`Choose ${name} again`} onClick={onGoOn}>Choose</Button>
      <IconButton icon="close" label={`Give up ${name}`} onClick={onForget} />
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
