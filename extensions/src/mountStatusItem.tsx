import { ReactWidget, checkIcon, errorIcon, fileUploadIcon, infoIcon } from '@jupyterlab/ui-components';
import { type MountStatus, type Sign } from './mountState';

const ICONS = { well: checkIcon, sending: fileUploadIcon, away: errorIcon, look: infoIcon } satisfies Record<Sign, unknown>;

/** The state of the mount in the status bar; nothing is shown where there is no mount. */
export class MountStatusItem extends ReactWidget {
  constructor() {
    super();
    this.addClass('cygnet-mount-status');
  }

  /** Show another state. */
  tell(status: MountStatus | null): void {
    if (JSON.stringify(status) !== JSON.stringify(this.status)) {
      this.status = status;
      this.setHidden(status === null);
      this.update();
    }
  }

  protected render(): JSX.Element | null {
    if (this.status === null) {
      return null;
    }
    const { sign, label, title } = this.status;
    const Icon = ICONS[sign];
    return (
      <span role="status" className={`cygnet-mount-${sign}`} title={title}>
        <Icon.react tag="span" stylesheet="statusBar" aria-hidden="true" />
        <span className="cygnet-mount-label">{label}</span>
        <span className="cygnet-mount-more">{title}</span>
      </span>
    );
  }

  private status: MountStatus | null = null;
}
