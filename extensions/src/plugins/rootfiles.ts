import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager, Notification, WidgetTracker } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ABCWidgetFactory, DocumentWidget, TextModelFactory, type DocumentRegistry } from '@jupyterlab/docregistry';
import { INotebookTracker } from '@jupyterlab/notebook';
import { rootFileIcon } from '../icons';
import type { MountState } from '../mountState';
import { Cells } from '../rootfile/cells';
import { RootFileView } from '../rootfile/RootFileView';
import { CygnetServer } from '../server';
import { t } from '../texts';

const FILE_TYPE = 'cygnet-root';
const MODEL = 'cygnet-parts';
const VIEWER = 'ROOT viewer';

/** A model of a file that is read in parts: nothing is loaded when it is opened, and nothing is ever saved. */
class PartsModelFactory extends TextModelFactory {
  override get name(): string {
    return MODEL;
  }

  override get fileFormat(): null {
    return null;
  }

  /** As if somebody else saved it: JupyterLab makes no checkpoint, which would be a copy of all of it. */
  override createNew(options: Parameters<TextModelFactory['createNew']>[0] = {}): DocumentRegistry.ICodeModel {
    return super.createNew({ ...options, collaborationEnabled: true });
  }
}

type RootFile = DocumentWidget<RootFileView>;

class RootFileFactory extends ABCWidgetFactory<RootFile> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<RootFile>,
    private readonly makeView: () => RootFileView
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): RootFile {
    const content = this.makeView();
    void context.ready
      .then(() => content.open(context.localPath))
      .catch((cause: unknown) => Notification.error(cause instanceof Error ? cause.message : String(cause)));
    return new DocumentWidget({ content, context });
  }
}

/** What code opens a file by: a path seen from the notebook, or an address where kernels see no files. */
function addressOf(path: string, notebook: string, mounted: boolean): string {
  return mounted ? PathExt.relative(PathExt.dirname(notebook), path) : `cygnet://${path}`;
}

export const rootFiles: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:root-files',
  description: 'Opens ROOT files: a tree of what is in them, drawings, and code for notebooks.',
  autoStart: true,
  optional: [INotebookTracker, IThemeManager, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    themes: IThemeManager | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const cells = new Cells(notebooks, panel => app.shell.activateById(panel.id));
    const tracker = new WidgetTracker<RootFile>({ namespace: 'cygnet-root-files' });
    let mounted = true;
    const tell = (file: RootFile): void => {
      const notebook = notebooks?.currentWidget?.context.localPath ?? '';
      file.content.address = addressOf(file.context.localPath, notebook, mounted);
    };
    app.docRegistry.addModelFactory(new PartsModelFactory());
    app.docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: t('ROOT file'),
      extensions: ['.root'],
      mimeTypes: ['application/x-root'],
      contentType: 'file',
      fileFormat: 'base64',
      icon: rootFileIcon
    });
    const factory = new RootFileFactory(
      {
        name: VIEWER,
        label: t('ROOT viewer'),
        modelName: MODEL,
        fileTypes: [FILE_TYPE],
        defaultFor: [FILE_TYPE],
        readOnly: true
      },
      () => {
        const view = new RootFileView(server, themes, wish => {
          if (wish.insert !== undefined) {
            cells.add(wish.insert);
          }
          if (wish.drag) {
            cells.drag(wish.drag, ...view.inPage(wish.drag));
          }
        });
        return view;
      }
    );
    factory.widgetCreated.connect((_, file) => {
      file.title.icon = rootFileIcon;
      file.context.pathChanged.connect(() => tell(file));
      file.context.pathChanged.connect(() => void tracker.save(file));
      void tracker.add(file);
      tell(file);
    });
    // Its optional fields may be undefined, which the interface does not say.
    app.docRegistry.addWidgetFactory(factory as DocumentRegistry.WidgetFactory);
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: ({ context }) => ({ path: context.path, factory: VIEWER }),
      name: ({ context }) => context.path
    });
    notebooks?.currentChanged.connect(() => tracker.forEach(tell));
    void server
      .get<MountState>('mount')
      .then(({ kind }) => {
        mounted = kind !== 'none';
        tracker.forEach(tell);
      })
      .catch(() => undefined); // paths are right nearly everywhere
  }
};
