/** Uploads one after the other, three at a time; knows nothing of the screen. */

import { t } from '@cygnet/texts';
import type { Put } from '../api/put';
import { ApiError, inWords } from '../api/http';
import type { Listing, Node } from '../api/types';
import { freeName, join, nameProblem } from '../lib/paths';
import type { Picked } from './collect';

export type Answer = 'replace' | 'both' | 'skip';
export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled' | 'skipped';

export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly folder: string;
  readonly size: number;
  readonly sent: number;
  /** the connection is lost, and it will be tried again */
  readonly waiting: boolean;
  readonly state: UploadState;
  readonly error: string | null;
}

/** What the queue needs from outside: the service, and the person. */
export interface Hands {
  list(path: string): Promise<Listing>;
  makeFolder(path: string): Promise<Node>;
  put(path: string, file: File, how: Put): Promise<Node>;
  /** Asked once per name that is taken; `left` more may follow in the same batch. */
  ask(name: string, folder: string, left: number): Promise<{ answer: Answer; always: boolean }>;
  /** Something was stored in this folder. */
  stored(folder: string): void;
}

interface Job {
  id: number;
  picked: Picked;
  target: string;
  batch: Batch;
  stop: AbortController;
}

/** What is dropped together shares one answer to "do the same for all". */
interface Batch {
  always: Answer | null;
  left: number;
}

const AT_ONCE = 3;

export class UploadQueue {
  private uploads: readonly Upload[] = [];
  private readonly jobs = new Map<number, Job>();
  private waiting: Job[] = [];
  private running = 0;
  private lastId = 0;
  private readonly listeners = new Set<() => void>();
  private readonly folders = new Map<string, Promise<void>>();
  /** what lies in a folder: names with etags */
  private readonly names = new Map<string, Promise<Map<string, string>>>();
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly hands: Hands) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Upload[] => this.uploads;

  get busy(): boolean {
    return this.running > 0 || this.waiting.length > 0;
  }

  add(picked: Picked[], target: string): void {
    const batch = { always: null, left: picked.length };
    for (const one of picked) {
      const job = { id: ++this.lastId, picked: one, target, batch, stop: new AbortController() };
      this.jobs.set(job.id, job);
      this.waiting.push(job);
    }
    this.uploads = [...this.uploads, ...this.waiting.filter(job => job.batch === batch).map(fresh)];
    this.told();
    this.pump();
  }

  cancel(id: number): void {
    const job = this.jobs.get(id);
    if (!job) return;
    job.stop.abort();
    if (this.waiting.includes(job)) {
      this.waiting = this.waiting.filter(one => one !== job);
      this.change(id, { state: 'cancelled' });
    }
  }

  cancelAll(): void {
    for (const upload of this.uploads) this.cancel(upload.id);
  }

  retry(id: number): void {
    const job = this.jobs.get(id);
    if (!job) return;
    job.stop = new AbortController();
    this.waiting.push(job);
    this.names.clear(); // what failed may have failed because others changed something
    this.change(id, { state: 'waiting', sent: 0, error: null });
    this.pump();
  }

  /** Forget what is over. */
  clear(): void {
    this.uploads = this.uploads.filter(one => one.state === 'waiting' || one.state === 'sending');
    this.told();
  }

  private pump(): void {
    while (this.running < AT_ONCE && this.waiting.length) {
      this.running++;
      void this.run(this.waiting.shift()!).finally(() => {
        this.running--;
        if (!this.busy) this.forget();
        this.pump();
      });
    }
  }

  /** What was known of folders holds only while a batch runs: others change them too. */
  private forget(): void {
    this.folders.clear();
    this.names.clear();
    this.told();
  }

  private async run(job: Job): Promise<void> {
    try {
      this.change(job.id, { state: 'sending' });
      const state = await this.store(job);
      this.change(job.id, { state });
    } catch (cause) {
      const cancelled = job.stop.signal.aborted;
      this.change(job.id, cancelled ? { state: 'cancelled' } : { state: 'failed', error: words(cause) });
    } finally {
      job.batch.left--;
    }
  }

  private async store(job: Job): Promise<UploadState> {
    const folder = await this.folderFor(job);
    const { file } = job.picked;
    if (!file) return 'done';
    const name = job.picked.name ?? file.name;
    const problem = nameProblem(name);
    if (problem) throw new ApiError(400, 'invalid-name', problem);
    const place = await this.placeFor(job, folder, name);
    if (!place) return 'skipped';
    const node = await this.hands.put(join(folder, place.name), file, {
      replaces: place.replaces,
      signal: job.stop.signal,
      onProgress: sent => this.change(job.id, { sent: Math.min(sent, file.size), waiting: false }),
      onWaiting: waiting => this.change(job.id, { waiting }),
    });
    (await this.namesIn(folder)).set(place.name.normalize(), node.etag);
    this.change(job.id, { sent: file.size });
    this.hands.stored(folder);
    return 'done';
  }

  private async placeFor(job: Job, folder: string, name: string): Promise<{ name: string; replaces: string | null } | null> {
    const taken = await this.namesIn(folder);
    const answer = taken.has(name.normalize()) ? await this.answerFor(job, folder, name) : 'both';
    job.stop.signal.throwIfAborted();
    if (answer === 'skip') return null;
    if (answer === 'replace') return { name, replaces: taken.get(name.normalize()) ?? null };
    const free = freeName(name, taken);
    taken.set(free.normalize(), '');
    return { name: free, replaces: null };
  }

  /** One question at a time, however many uploads run. */
  private answerFor(job: Job, folder: string, name: string): Promise<Answer> {
    const answer = this.asking.then(async () => {
      if (job.batch.always) return job.batch.always;
      const said = await this.hands.ask(name, folder, job.batch.left - 1);
      if (said.always) job.batch.always = said.answer;
      return said.answer;
    });
    this.asking = answer.catch(() => undefined);
    return answer;
  }

  private async folderFor(job: Job): Promise<string> {
    let path = job.target;
    for (const name of job.picked.folders) {
      const above = path;
      path = join(above, name);
      await this.ensureFolder(above, path, name);
    }
    return path;
  }

  private ensureFolder(above: string, path: string, name: string): Promise<void> {
    let made = this.folders.get(path);
    if (!made) {
      made = this.makeUnlessThere(above, path, name);
      this.folders.set(path, made);
    }
    return made;
  }

  private async makeUnlessThere(above: string, path: string, name: string): Promise<void> {
    const taken = await this.namesIn(above);
    if (taken.has(name.normalize())) return;
    await this.hands.makeFolder(path);
    taken.set(name.normalize(), '');
    this.names.set(path, Promise.resolve(new Map()));
    this.hands.stored(above);
  }

  private namesIn(folder: string): Promise<Map<string, string>> {
    let names = this.names.get(folder);
    if (!names) {
      names = this.hands.list(folder).then(({ children }) => new Map((children ?? []).map(child => [child.name.normalize(), child.etag])));
      names.catch(() => this.names.delete(folder));
      this.names.set(folder, names);
    }
    return names;
  }

  private change(id: number, part: Partial<Upload>): void {
    this.uploads = this.uploads.map(one => (one.id === id ? { ...one, ...part } : one));
    this.told();
  }

  private told(): void {
    for (const listener of this.listeners) listener();
  }
}

function words(cause: unknown): string {
  if (cause instanceof ApiError && cause.status === 412) return t('It was changed by somebody else meanwhile, and was not replaced.');
  return inWords(cause);
}

function fresh(job: Job): Upload {
  const { picked, target, id } = job;
  const name = picked.name ?? picked.file?.name ?? picked.folders[picked.folders.length - 1];
  const folder = picked.folders.reduce(join, target);
  return { id, name, folder, size: picked.file?.size ?? 0, sent: 0, waiting: false, state: 'waiting', error: null };
}
