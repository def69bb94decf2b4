/** What every view of a signed-in person shares: who they are, their uploads, news of changes. */

import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { InboxClient, InboxModel } from '@cygnet/inbox';
import { SharingClient } from '@cygnet/sharing';
import { listen } from '../api/changes';
import * as api from '../api/files';
import { basePath, fetchLike } from '../api/http';
import { put } from '../api/put';
import type { Me } from '../api/types';
import { ConflictDialog } from '../files/ConflictDialog';
import { join, parent } from '../lib/paths';
import { useDialogs, type OpenDialog } from '../ui/dialogs';
import { LARGE, putInParts } from '../uploads/parts';
import { UploadQueue } from '../uploads/queue';
import { UnfinishedUploads } from '../uploads/unfinished';
import { Bus, type Touched } from './bus';
import { Vanished } from './vanished';

export interface Site {
  me: Me;
  bus: Bus;
  sharing: SharingClient;
  inbox: InboxModel;
  uploads: UploadQueue;
  /** large uploads that were interrupted */
  unfinished: UnfinishedUploads;
  vanished: Vanished;
}

const Context = createContext<Site | null>(null);

/** Only below SiteProvider. */
export function useSite(): Site {
  return useContext(Context)!;
}

const QUOTA_DELAY = 1_500;

export function SiteProvider({ me: first, children }: { me: Me; children: ReactNode }): JSX.Element {
  const openDialog = useDialogs();
  const [me, setMe] = useState(first);
  const parts = useMemo(() => assemble(first.name, openDialog), [first.name, openDialog]);
  useEffect(
    () =>
      listen({
        changed: ({ path, old_path }) => parts.bus.tell(old_path ? [path, old_path] : [path]),
        reset: () => parts.bus.tell(null),
      }),
    [parts],
  );
  useEffect(() => parts.inbox.start(), [parts]);
  // Numbers that are a second late are no harm; a request for each of a thousand uploads is.
  const refreshQuota = useDelayed(() => void api.me().then(setMe, () => undefined), QUOTA_DELAY);
  useEffect(() => parts.bus.subscribe(refreshQuota), [parts, refreshQuota]);
  const site = useMemo(() => ({ me, ...parts }), [me, parts]);
  return <Context.Provider value={site}>{children}</Context.Provider>;
}

function assemble(user: string, openDialog: OpenDialog): Omit<Site, 'me'> {
  const bus = new Bus();
  const unfinished = new UnfinishedUploads(user);
  const uploads = new UploadQueue({
    list: path => api.files.list(path),
    makeFolder: api.makeFolder,
    put: (path, file, how) => (file.size < LARGE ? put(path, file, how) : putInParts(path, file, how, unfinished)),
    ask: async (name, folder, left) => {
      const answer = await openDialog<{ answer: 'replace' | 'both' | 'skip'; always: boolean }>(close => (
        <ConflictDialog name={name} folder={folder} left={left} onAnswer={close} />
      ));
      return answer ?? { answer: 'skip', always: false };
    },
    stored: folder => bus.tell([join(folder, '.')]),
  });
  const routes = `${basePath()}api/v1/`;
  return {
    bus, uploads, unfinished, vanished: new Vanished(),
    sharing: new SharingClient(routes, fetchLike),
    inbox: new InboxModel(new InboxClient(routes, fetchLike)),
  };
}

/** Calls `run` once, some time after the last of many calls. */
export function useDelayed(run: () => void, milliseconds: number): () => void {
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => latest.current(), milliseconds);
  }, [milliseconds]);
}

export function useTouched(heard: (touched: Touched) => void): void {
  const { bus } = useSite();
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => bus.subscribe(touched => latest.current(touched)), [bus]);
}

/** Hides what is being deleted. */
export function useHidden(): (path: string) => boolean {
  const { vanished } = useSite();
  const hidden = useSyncExternalStore(vanished.subscribe, vanished.snapshot);
  return useCallback(
    path => {
      if (!hidden.size) return false;
      for (let at = path; at !== '/'; at = parent(at)) if (hidden.has(at)) return true;
      return false;
    },
    [hidden],
  );
}
