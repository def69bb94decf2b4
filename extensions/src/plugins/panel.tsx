import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import { INotebookTree } from '@jupyter-notebook/tree';
import type { Message } from '@lumino/messaging';
import { t } from '../texts';
import { ShareActions } from '../actions';
import { sharedIcon } from '../icons';
import { openLook, openShareDialog } from '../modal';
import type { SharingModel } from '../model';
import { CygnetServer } from '../server';
import { SharesPanel } from '../SharesPanel';
import { addPanel, showCount } from '../sidePanel';
import type { Share } from '../sharing';
import { ISharing } from '../tokens';

const PANEL_ID = 'cygnet-shares';
/** Shows the lists of shares. */
export const SHOW_SHARES = 'cygnet:show-shares';

/** The lists of shares, with the number of new ones on its tab. */
class SharesWidget extends ReactWidget {
  constructor(
    private readonly model: SharingModel,
    private readonly actions: ShareActions,
    private readonly server: CygnetServer
  ) {
    super();
    this.id = PANEL_ID;
    this.title.icon = sharedIcon;
    this.title.caption = t('Shared with me and by me');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    model.changed.connect(this.count, this);
    this.count(); // the first answer may have come before this widget
  }

  protected override render(): JSX.Element {
    const manage = openShareDialog.bind(null, this.model);
    const look = (share: Share): void => openLook(this.server, share, this.actions);
    return <SharesPanel model={this.model} actions={this.actions} onManage={manage} onLook={look} />;
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this.model.refresh();
  }

  private count(): void {
    const waiting = this.model.received?.filter(share => share.state === 'pending').length ?? 0;
    showCount(this.title, waiting);
    this.title.caption = waiting ? t('Shared with me and by me: {waiting} new', { waiting }) : t('Shared with me and by me');
  }
}

function announce(share: Share, show: () => void): void {
  Notification.info(t('{name} shared “{name2}” with you.', { name: share.owner.display_name, name2: share.name }), {
    autoClose: 15_000,
    actions: [{ label: t('Show'), callback: show }]
  });
}

/** The panel: in the side bar of JupyterLab and of a notebook of Notebook 7, a tab beside its files. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:panel',
  description: 'Lists what is shared with the person and by the person.',
  autoStart: true,
  requires: [ISharing],
  optional: [INotebookTree, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: SharingModel,
    tree: INotebookTree | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const widget = new SharesWidget(model, new ShareActions(app, model), server);
    const show = addPanel(app, widget, { label: t('Shared'), rank: 150, type: 'Shares', tree, restorer });
    app.commands.addCommand(SHOW_SHARES, { label: t('Show What Is Shared with Me and by Me'), execute: () => show() });
    palette?.addItem({ command: SHOW_SHARES, category: t('File Operations') });
    model.arrived.connect((_, share) => announce(share, show));
  }
};
