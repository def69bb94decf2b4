import { ReactWidget } from '@jupyterlab/ui-components';
import { t } from '../texts';
import { Meter, quotaWords } from './RoomDialog';
import { type Quota, fullness } from './types';

/** How full the person's files are, in the status bar; a way to what takes the room. */
export class QuotaItem extends ReactWidget {
  constructor(private readonly open: () => void) {
    super();
    this.addClass('cygnet-quota-item');
    this.hide();
  }

  tell(quota: Quota | null): void {
    this.quota = quota;
    this.setHidden(quota === null);
    this.update();
  }

  protected render(): JSX.Element | null {
    const { quota } = this;
    if (quota === null) {
      return null;
    }
    const { used, total } = quota;
    return (
      <button
        type="button"
        className={`cygnet-quota-${fullness(quota)}`}
        title={t('What takes the room in your files')}
        onClick={this.open}
      >
        {total !== null && <Meter used={used} total={total} label={t('Storage used')} />}
        {quotaWords(quota)}
      </button>
    );
  }

  private quota: Quota | null = null;
}
