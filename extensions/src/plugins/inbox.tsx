import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import { INotebookTree } from '@jupyter-notebook/tree';
import { bellIcon } from '../icons';
import { actionOf, InboxClient, InboxList, InboxModel, type Notice, say } from '../inbox';
import { filesSite, hubPage } from '../paths';
import { CygnetServer } from '../server';
import { addPanel, showCount } from '../sidePanel';
import { t, tn } from '../texts';
import { SHOW_CLASSES } from './classes';
import { SHOW_SHARES } from './panel';

const PANEL_ID = 'cygnet-inbox';
const SHOW = 'cygnet:show-inbox';

/** Goes where one acts on a notice: a panel of this page, or a page of the Files site. */
function act(app: JupyterFrontEnd, notice: Notice): void {
  switch (notice.kind) {
    case 'share':
      return void app.commands.execute(SHOW_SHARES);
    case 'quota':
      return void window.open(filesSite('deleted-files'), '_blank', 'noopener');
    case 'token':
      return void window.open(notice.words === 'key' ? filesSite('settings/devices') : hubPage('home'), '_blank', 'noopener');
    default:
      return void app.commands.execute(SHOW_CLASSES, notice.group_id ? { id: notice.group_id } : {});
  }
}

/** What the person should know, with the number of unread entries on its tab. */
class InboxWidget extends ReactWidget {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly model: InboxModel
  ) {
    super();
    this.id = PANEL_ID;
    this.title.icon = bellIcon;
    this.title.caption = t('Inbox');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', t('Inbox'));
    this.stops = [model.subscribe(() => this.count()), model.start()];
  }

  override dispose(): void {
    this.stops.forEach(stop => stop());
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <div className="cygnet-board">
        <InboxList model={this.model} host={{ act: notice => act(this.app, notice) }} />
      </div>
    );
  }

  private count(): void {
    const { unread } = this.model.snapshot();
    showCount(this.title, unread);
    this.title.caption = unread ? tn('Inbox: {n} unread', 'Inbox: {n} unread', unread) : t('Inbox');
  }

  private readonly stops: (() => void)[];
}

/** Shares are announced by their own panel. */
function announce(app: JupyterFrontEnd, notice: Notice): void {
  if (notice.kind === 'share') {
    return;
  }
  const action = actionOf(notice);
  const actions = action ? [{ label: action, callback: () => act(app, notice) }] : [];
  Notification.info(say(notice), { autoClose: 15_000, actions });
}

/** The panel with the bell: in the side bar of JupyterLab, in Notebook 7 a tab beside the files. */
export const inbox: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:inbox',
  description: 'Tells of shares, hand-outs, deadlines, results and trouble, as they happen.',
  autoStart: true,
  optional: [INotebookTree, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tree: INotebookTree | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const model = new InboxModel(new InboxClient(server.baseUrl, server.fetch));
    model.arrived = notice => announce(app, notice);
    const widget = new InboxWidget(app, model);
    const show = addPanel(app, widget, { label: t('Inbox'), rank: 140, type: 'Inbox', tree, restorer });
    app.commands.addCommand(SHOW, { label: () => t('Show the Inbox'), execute: () => show() });
    palette?.addItem({ command: SHOW, category: t('File Operations') });
  }
};
