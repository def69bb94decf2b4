import { useRef, useState } from 'react';
import { t } from '../texts';
import type { SharingClient } from './client';
import { CopyButton } from './CopyButton';
import { LinkForm, type LinkSettings } from './LinkForm';
import type { Share, ShareItem } from './types';
import type { ItemShares } from './useShares';

export interface LinkListProps {
  readonly client: SharingClient;
  readonly item: ShareItem;
  readonly access: ItemShares;
  readonly links: readonly Share[];
}

const NEW_LINK: LinkSettings = { role: 'viewer', expires: '' };

/** The links to an item, and a form that makes another. */
export function LinkList({ client, item, access, links }: LinkListProps): JSX.Element {
  const [making, setMaking] = useState(false);
  const create = async ({ role, password, expires }: LinkSettings): Promise<void> => {
    const request = {
      path: item.path,
      kind: 'link' as const,
      role,
      ...(password ? { password } : {}),
      ...(expires ? { expires } : {})
    };
    if (await access.run(() => client.create(request))) {
      setMaking(false);
    }
  };
  return (
    <>
      {links.length === 0 && !making && (
        <p className="cyg-quiet">{t('No link. People without an account can be given one.')}</p>
      )}
      <ul className="cyg-links" aria-label={t('Links')}>
        {links.map(share => (
          <LinkRow key={share.id} client={client} access={access} share={share} />
        ))}
      </ul>
      {making ? (
        <LinkForm
          initial={NEW_LINK}
          hasPassword={false}
          action={t('Create link')}
          busy={access.busy}
          onSubmit={settings => void create(settings)}
          onCancel={() => setMaking(false)}
        />
      ) : (
        <button type="button" className="cyg-button" disabled={access.shares === null} onClick={() => setMaking(true)}>
          {links.length ? t('New link…') : t('Create a link…')}
        </button>
      )}
    </>
  );
}

interface LinkRowProps {
  readonly client: SharingClient;
  readonly access: ItemShares;
  readonly share: Share;
}

function describe(share: Share): string {
  return [
    share.role === 'editor' ? t('Anyone with the link can edit') : t('Anyone with the link can view'),
    share.has_password ? t('password') : '',
    share.expires ? t('until {date}', { date: share.expires }) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

function LinkRow({ client, access, share }: LinkRowProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [changing, setChanging] = useState(false);
  const url = share.url ?? '';
  const change = async (settings: LinkSettings): Promise<void> => {
    if (await access.run(() => client.update(share.id, settings))) {
      setChanging(false);
    }
  };
  return (
    <li>
      <div className="cyg-row">
        <input
          ref={field}
          className="cyg-input cyg-url"
          readOnly
          aria-label={t('Address of the link')}
          value={url}
          onFocus={event => event.target.select()}
        />
        <CopyButton text={url} field={field} />
      </div>
      <div className="cyg-row">
        <span className="cyg-quiet cyg-grow">{describe(share)}</span>
        <button type="button" className="cyg-button cyg-plain" onClick={() => setChanging(!changing)}>
          {t('Change')}
        </button>
        <button
          type="button"
          className="cyg-button cyg-plain cyg-danger"
          disabled={access.busy}
          onClick={() => void access.run(() => client.remove(share.id))}
        >
          {t('Delete link')}
        </button>
      </div>
      {changing && (
        <LinkForm
          initial={{ role: share.role, expires: share.expires ?? '' }}
          hasPassword={share.has_password}
          action={t('Save')}
          busy={access.busy}
          onSubmit={settings => void change(settings)}
          onCancel={() => setChanging(false)}
        />
      )}
    </li>
  );
}
