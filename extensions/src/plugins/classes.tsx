import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ReactWidget } from '@jupyterlab/ui-components';
import { INotebookTree } from '@jupyter-notebook/tree';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { t } from '../texts';
import { schoolIcon } from '../icons';
import { contentsPath } from '../paths';
import { CygnetServer } from '../server';
import { addPanel } from '../sidePanel';
import { TeachingBoard, TeachingClient, type TeachingHost } from '../teaching';

const PANEL_ID = 'cygnet-classes';
/** Shows the classes; with the id of a class as `id`, that one. */
export const SHOW_CLASSES = 'cygnet:show-classes';

/** A document beside the panel; a folder in the file browser. */
async function open(app: JupyterFrontEnd, path: string): Promise<void> {
  const { type } = await app.serviceManager.contents.get(path, { content: false });
  await app.commands.execute(type === 'directory' ? 'filebrowser:open-path' : 'docmanager:open', { path });
}

/** The person's classes and groups. */
class ClassesWidget extends ReactWidget {
  constructor(app: JupyterFrontEnd, server: CygnetServer) {
    super();
    this.id = PANEL_ID;
    this.title.icon = schoolIcon;
    this.title.caption = 'Classes';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    this.client = new TeachingClient(server.baseUrl, server.fetch);
    this.host = {
      open: path => void open(app, contentsPath(path)),
      joinLink: code => new URL(`/services/sync/classes?code=${encodeURIComponent(code)}`, location.href).href,
      listen: changed => {
        const heard = (): void => changed();
        this.shown.connect(heard);
        return () => void this.shown.disconnect(heard);
      }
    };
  }

  /** Shows one class. */
  open(id: string): void {
    this.wanted = id;
    this.opened++;
    this.update();
  }

  protected override render(): JSX.Element {
    return (
      <div className="cygnet-board">
        <TeachingBoard key={this.opened} open={this.wanted} client={this.client} host={this.host} me={PageConfig.getOption('hubUser')} />
      </div>
    );
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.shown.emit();
  }

  private wanted: string | null = null;
  private opened = 0;
  private readonly client: TeachingClient;
  private readonly host: TeachingHost;
  private readonly shown = new Signal<this, void>(this);
}

/** The panel: in the side bar of JupyterLab, in Notebook 7 a tab beside the files. */
export const classes: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:classes',
  description: 'Shows classes: what was handed out, who has done it, what came back.',
  autoStart: true,
  optional: [INotebookTree, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tree: INotebookTree | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const widget = new ClassesWidget(app, new CygnetServer(app.serviceManager.serverSettings));
    const show = addPanel(app, widget, { label: t('Classes'), rank: 160, type: 'Classes', tree, restorer });
    app.commands.addCommand(SHOW_CLASSES, { label: t('Show My Classes'), execute: ({ id }) => {
        if (typeof id === 'string') {
          widget.open(id);
        }
        show();
      }
    });
    palette?.addItem({ command: SHOW_CLASSES, category: t('File Operations') });
  }
};
