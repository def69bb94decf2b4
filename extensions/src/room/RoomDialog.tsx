import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../sharing';
import { size, t } from '../texts';
import { type Item, type Quota, type Room, fullness } from './types';

export interface RoomDialogProps {
  readonly ask: (path: string) => Promise<Room>;
  readonly onDelete: (item: Item) => Promise<void>;
  /** Where what was deleted can be seen and brought back. */
  readonly trash: string;
  /** The picture before a file or a folder. */
  readonly icon: (item: Item) => JSX.Element;
}

/** A mount tells the service of a removal a moment later; until then it is asked again. */
const AGAIN_MS = 200;
/** What the service still has after this was not removed, and is shown again. */
const AT_MOST_MS = 15_000;

/** What takes the room, folder by folder, the largest first; and the way to delete it. */
export function RoomDialog({ ask, onDelete, trash, icon }: RoomDialogProps): JSX.Element {
  const [path, setPath] = useState('');
  const [room, setRoom] = useState<Room | null>(null);
  const [error, setError] = useState('');
  const [gone, leaveOut] = useGone();
  const load = useCallback(
    () => ask(path).then(setRoom, (reason: unknown) => setError(messageOf(reason))),
    [ask, path]
  );
  useEffect(() => {
    setError('');
    void load();
  }, [load]);
  useEffect(() => {
    const waits = room?.items.some(item => gone.has(item.path));
    const timer = waits ? setTimeout(() => void load(), AGAIN_MS) : undefined;
    return () => clearTimeout(timer);
  }, [room, gone, load]);
  const remove = async (item: Item): Promise<void> => {
    setError('');
    await onDelete(item).then(
      () => leaveOut(item),
      (reason: unknown) => setError(messageOf(reason))
    );
    await load();
  };
  const items = room?.items.filter(item => !gone.has(item.path));
  const largest = items?.[0]?.size ?? 0;
  return (
    <div className="cygnet-room" aria-busy={room === null && !error}>
      {room && <QuotaMeter quota={room.quota} />}
      <Trail path={path} onGo={setPath} />
      {error && <p role="alert">{error}</p>}
      {items?.length === 0 && <p className="cygnet-quiet">{t('There is nothing in this folder.')}</p>}
      <ul aria-label={t('What takes the room, the largest first')}>
        {items?.map(item => (
          <li key={item.path}>
            <Row
              item={item}
              icon={icon(item)}
              part={largest ? item.size / largest : 0}
              onOpen={() => setPath(item.path)}
              onDelete={() => remove(item)}
            />
          </li>
        ))}
      </ul>
      <p className="cygnet-quiet">
        {t('What you delete takes no room any more, and can be brought back for a while:')}{' '}
        <a href={trash} target="_blank" rel="noopener">
          {t('Deleted files')}
        </a>
      </p>
    </div>
  );
}

/** The paths of what was deleted here a moment ago, and how to add one. */
function useGone(): [ReadonlySet<string>, (item: Item) => void] {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const leaveOut = ({ path }: Item): void => {
    setGone(before => new Set([...before, path]));
    setTimeout(() => setGone(before => new Set([...before].filter(other => other !== path))), AT_MOST_MS);
  };
  return [gone, leaveOut];
}

export function quotaWords({ used, total }: Quota): string {
  return total === null ? t('{used} used', { used: size(used) }) : t('{used} of {total} used', { used: size(used), total: size(total) });
}

/** How full; it changes its colour where it is nearly. */
export function Meter({ used, total, label }: { readonly used: number; readonly total: number; readonly label: string }): JSX.Element {
  const max = Math.max(1, total);
  return <meter min={0} max={max} high={0.9 * max} optimum={0} value={Math.min(used, max)} aria-label={label} />;
}

function QuotaMeter({ quota }: { readonly quota: Quota }): JSX.Element {
  const { used, total } = quota;
  return (
    <div className={`cygnet-quota cygnet-quota-${fullness(quota)}`}>
      {total !== null && <Meter used={used} total={total} label={t('Storage used')} />}
      <span>{quotaWords(quota)}</span>
    </div>
  );
}

function Trail({ path, onGo }: { readonly path: string; readonly onGo: (path: string) => void }): JSX.Element {
  const names = path.split('/').filter(Boolean);
  return (
    <nav aria-label={t('Folder')}>
      {['', ...names].map((name, depth) => (
        <span key={depth}>
          {depth > 0 && ' / '}
          <button
            type="button"
            className="cygnet-crumb"
            aria-current={depth === names.length ? 'page' : undefined}
            onClick={() => onGo(names.slice(0, depth).join('/'))}
          >
            {name || t('All files')}
          </button>
        </span>
      ))}
    </nav>
  );
}

interface RowProps {
  readonly item: Item;
  readonly icon: JSX.Element;
  /** Of the largest. */
  readonly part: number;
  readonly onOpen: () => void;
  readonly onDelete: () => Promise<void>;
}

function Row({ item, icon, part, onOpen, onDelete }: RowProps): JSX.Element {
  const [sure, setSure] = useState(false);
  const { name } = item;
  return (
    <div className="cygnet-room-row">
      {icon}
      {item.folder ? (
        <button type="button" className="cygnet-crumb" onClick={onOpen}>
          {name}
        </button>
      ) : (
        <span className="cygnet-name" title={name}>
          {name}
        </span>
      )}
      <span className="cygnet-bar" aria-hidden="true">
        <span style={{ width: `${Math.max(1, part * 100)}%` }} />
      </span>
      <span className="cygnet-size">{size(item.size)}</span>
      {sure ? (
        <button type="button" className="cygnet-button cygnet-primary" autoFocus onBlur={() => setSure(false)} onClick={() => void onDelete()}>
          {t('Delete “{name}”', { name })}
        </button>
      ) : (
        <button type="button" className="cygnet-button" aria-label={t('Delete {name}…', { name })} onClick={() => setSure(true)}>
          {t('Delete…')}
        </button>
      )}
    </div>
  );
}
