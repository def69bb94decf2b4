import { t } from '../texts';
import type { TeachingClient } from './client';
import { MyHandout } from './MyHandout';
import { Overview } from './Overview';
import { Members } from './Members';
import { Problem } from './parts';
import type { GroupRole, Handout, TeachingHost } from './types';
import { useLoaded } from './useLoaded';

/** What is needed to show something that was handed out. */
export interface HandoutProps {
  readonly client: TeachingClient;
  readonly host: TeachingHost;
  /** Id of the class. */
  readonly group: string;
  readonly handout: Handout;
  readonly onChange: () => void;
}

interface Props {
  readonly client: TeachingClient;
  readonly host: TeachingHost;
  readonly me: string;
  readonly id: string;
  readonly role: GroupRole | null;
  readonly onBack: () => void;
}

/** One class: for a student what there is to do, for a teacher who has done it. */
export function ClassPage({ client, host, me, id, role, onBack }: Props): JSX.Element {
  const group = useLoaded(() => client.group(id), host);
  const handouts = useLoaded(() => client.handouts(id), host);
  const staff = role !== 'member';
  const name = group.value?.name ?? '';
  return (
    <>
      <header className="cyg-class-head">
        <button type="button" className="cyg-button" onClick={onBack}>
          {`‹ ${t('All classes')}`}
        </button>
        <h2>{name}</h2>
        <button type="button" className="cyg-button" disabled={!name} onClick={() => host.open(`/Classes/${name}`)}>
          {t('Files of the class')}
        </button>
      </header>
      <Problem text={group.error ?? handouts.error} />
      <section aria-label={t('Handed out')}>
        <h3>{t('Handed out')}</h3>
        {handouts.value?.length === 0 && (
          <p className="cyg-quiet">
            {staff ? t('Nothing yet. Choose Share at a notebook or folder of yours to hand it out.') : t('Nothing yet.')}
          </p>
        )}
        {handouts.value?.map(one =>
          staff ? (
            <Overview key={one.id} client={client} host={host} group={id} handout={one} onChange={handouts.reload} />
          ) : (
            <MyHandout key={one.id} client={client} host={host} group={id} handout={one} onChange={handouts.reload} />
          )
        )}
      </section>
      {group.value && <Members client={client} host={host} me={me} group={group.value} onChange={group.reload} onGone={onBack} />}
    </>
  );
}
