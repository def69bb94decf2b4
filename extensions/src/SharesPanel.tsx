import { LabIcon, fileIcon, folderIcon, linkIcon, notebookIcon, refreshIcon } from '@jupyterlab/ui-components';
import { type ReactNode, useEffect, useReducer, useState } from 'react';
import { t, tn } from './texts';
import type { ShareActions } from './actions';
import type { SharingModel } from './model';
import type { Share, ShareItem } from './sharing';

export interface SharesPanelProps {
  readonly model: SharingModel;
  readonly actions: ShareActions;
  /** Open the share dialog on an item of the person's own. */
  readonly onManage: (item: ShareItem) => void;
  /** Show what a share holds before it is accepted. */
  readonly onLook: (share: Share) => void;
}

/** *Shared with me* and *Shared by me*. */
export function SharesPanel({ model, actions, onManage, onLook }: SharesPanelProps): JSX.Element {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    model.changed.connect(redraw);
    redraw(); // for what changed since it was drawn
    return () => void model.changed.disconnect(redraw);
  }, [model]);
  const received = model.received ?? [];
  const waiting = received.filter(share => share.state === 'pending');
  const accepted = received.filter(share => share.state === 'accepted');
  const declined = received.filter(share => share.state === 'declined');
  return (
    <div className="cygnet-panel">
      {model.error && (
        <p className="cygnet-panel-error" role="alert">
          {model.error}
        </p>
      )}
      <Section title={t('Shared with me')} loading={model.received === null && !model.error} refresh={() => model.refresh()}>
        {model.received?.length === 0 && <Empty>{t('Nothing yet. What others share with you appears here.')}</Empty>}
        <ShareRows label={t('New')} shares={waiting} row={share => <Waiting share={share} actions={actions} onLook={onLook} />} />
        <ShareRows label={t('Accepted')} shares={accepted} row={share => <Accepted share={share} actions={actions} />} />
        {declined.length > 0 && (
          <details>
            <summary>{t('Declined ({n})', { n: declined.length })}</summary>
            <ShareRows label={t('Declined')} shares={declined} row={share => <Declined share={share} actions={actions} onLook={onLook} />} />
          </details>
        )}
      </Section>
      <Section title={t('Shared by me')} loading={model.given === null && !model.error}>
        {model.given && <GivenRows shares={model.given} onManage={onManage} />}
      </Section>
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly loading: boolean;
  readonly refresh?: () => Promise<void>;
  readonly children: ReactNode;
}

function Section({ title, loading, refresh, children }: SectionProps): JSX.Element {
  return (
    <section aria-label={title}>
      <header>
        <h2>{title}</h2>
        {refresh && (
          <button type="button" className="cygnet-icon-button" aria-label={t('Refresh')} title={t('Refresh')} onClick={refresh}>
            <refreshIcon.react tag="span" />
          </button>
        )}
      </header>
      {loading ? <Empty>{t('Looking…')}</Empty> : children}
    </section>
  );
}

function Empty({ children }: { readonly children: ReactNode }): JSX.Element {
  return <p className="cygnet-quiet">{children}</p>;
}

function iconOf(share: Share): LabIcon {
  if (share.item === 'folder') {
    return folderIcon;
  }
  return share.name.endsWith('.ipynb') ? notebookIcon : fileIcon;
}

interface ShareRowsProps {
  readonly label: string;
  readonly shares: readonly Share[];
  readonly row: (share: Share) => JSX.Element;
}

function ShareRows({ label, shares, row }: ShareRowsProps): JSX.Element | null {
  if (shares.length === 0) {
    return null;
  }
  return (
    <ul aria-label={label}>
      {shares.map(share => (
        <li key={share.id} className={share.state === 'pending' ? 'cygnet-new' : ''}>
          {row(share)}
        </li>
      ))}
    </ul>
  );
}

function About({ share }: { readonly share: Share }): JSX.Element {
  const Icon = iconOf(share).react;
  return (
    <div className="cygnet-about">
      <Icon tag="span" />
      <div>
        <span className="cygnet-name" title={share.name}>
          {share.name}
        </span>
        <span className="cygnet-quiet">
          {share.owner.display_name} · {share.role === 'editor' ? t('you can edit') : t('you can view')}
          {share.kind === 'group' && share.grantee && ` · ${t('with {names}', { names: share.grantee.display_name })}`}
        </span>
        {share.note && <q className="cygnet-note">{share.note}</q>}
      </div>
    </div>
  );
}

interface ReceivedProps {
  readonly share: Share;
  readonly actions: ShareActions;
}

interface ActionProps {
  readonly label: string;
  /** What a screen reader says instead, since many rows have the same labels. */
  readonly about: string;
  readonly primary?: boolean;
  readonly run: () => Promise<void>;
}

function Action({ label, about, primary, run }: ActionProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const click = async (): Promise<void> => {
    setBusy(true);
    await run();
    setBusy(false);
  };
  return (
    <button
      type="button"
      className={primary ? 'cygnet-button cygnet-primary' : 'cygnet-button'}
      aria-label={`${label}: ${about}`}
      disabled={busy}
      onClick={() => void click()}
    >
      {label}
    </button>
  );
}

type NotAcceptedProps = ReceivedProps & Pick<SharesPanelProps, 'onLook'>;

function Waiting({ share, actions, onLook }: NotAcceptedProps): JSX.Element {
  return (
    <>
      <About share={share} />
      <div className="cygnet-actions">
        <Action label={t('Accept')} about={share.name} primary run={() => actions.accept(share)} />
        <Action label={t('Look')} about={share.name} run={async () => onLook(share)} />
        <Action label={t('Copy to my files')} about={share.name} run={() => actions.copy(share)} />
        <Action label={t('Decline')} about={share.name} run={() => actions.decline(share)} />
      </div>
    </>
  );
}

function Accepted({ share, actions }: ReceivedProps): JSX.Element {
  return (
    <>
      <About share={share} />
      <div className="cygnet-actions">
        <Action label={t('Open')} about={share.name} primary run={() => actions.open(share)} />
        <Action label={t('Copy to my files')} about={share.name} run={() => actions.copy(share)} />
        <Action label={t('Decline')} about={share.name} run={() => actions.decline(share)} />
      </div>
    </>
  );
}

function Declined({ share, actions, onLook }: NotAcceptedProps): JSX.Element {
  return (
    <>
      <About share={share} />
      <div className="cygnet-actions">
        <Action label={t('Accept')} about={share.name} run={() => actions.accept(share)} />
        <Action label={t('Look')} about={share.name} run={async () => onLook(share)} />
      </div>
    </>
  );
}

interface GivenRowsProps {
  readonly shares: readonly Share[];
  readonly onManage: (item: ShareItem) => void;
}

/** One row an item, however many people it is shared with. */
function GivenRows({ shares, onManage }: GivenRowsProps): JSX.Element {
  const items = new Map<string, Share[]>();
  for (const share of shares) {
    if (share.path !== null) {
      items.set(share.path, [...(items.get(share.path) ?? []), share]);
    }
  }
  if (items.size === 0) {
    return <Empty>{t('Nothing yet. Press Share in a notebook, or in the menu of a file.')}</Empty>;
  }
  return (
    <ul aria-label={t('Shared by me')}>
      {[...items].map(([path, group]) => (
        <li key={path}>
          <Given path={path} shares={group} onManage={onManage} />
        </li>
      ))}
    </ul>
  );
}

interface GivenProps {
  readonly path: string;
  readonly shares: readonly Share[];
  readonly onManage: (item: ShareItem) => void;
}

function Given({ path, shares, onManage }: GivenProps): JSX.Element | null {
  const first = shares[0];
  if (!first) {
    return null;
  }
  const names = shares.flatMap(share => (share.grantee ? [share.grantee.display_name] : []));
  const links = shares.filter(share => share.kind === 'link').length;
  const Icon = iconOf(first).react;
  const manage = async (): Promise<void> => onManage({ path, name: first.name, kind: first.item });
  return (
    <>
      <div className="cygnet-about">
        <Icon tag="span" />
        <div>
          <span className="cygnet-name" title={path}>
            {first.name}
          </span>
          <span className="cygnet-quiet">
            {names.length > 0 && `${t('with {names}', { names: names.join(', ') })} `}
            {links > 0 && (
              <>
                <linkIcon.react tag="span" className="cygnet-inline-icon" />
                {tn('a link', '{n} links', links)}
              </>
            )}
          </span>
        </div>
      </div>
      <div className="cygnet-actions">
        <Action label={t('Change…')} about={first.name} run={manage} />
      </div>
    </>
  );
}
