import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { t } from '../texts';
import { ShareActions } from '../actions';
import type { SharingModel } from '../model';
import { isReceived, servicePath } from '../paths';
import type { Share } from '../sharing';
import { ISharing } from '../tokens';

/** Says whose notebook it is, and offers a copy. */
class Banner extends Widget {
  constructor(share: Share, onCopy: () => Promise<void>) {
    super();
    this.addClass('cygnet-banner');
    this.node.setAttribute('role', 'note');
    const words = document.createElement('span');
    words.textContent = t('{name} shared this with you to view. Changes made here are not kept.', { name: share.owner.display_name });
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.className = 'cygnet-button cygnet-primary';
    copy.textContent = t('Copy to my files');
    copy.addEventListener('click', () => {
      copy.disabled = true;
      void onCopy().finally(() => (copy.disabled = false));
    });
    this.node.append(words, copy);
  }
}

/** Cells can be looked at and run, but neither changed nor saved, and closing asks nothing. */
function freeze(notebook: NotebookPanel): void {
  const { model } = notebook.context;
  model.readOnly = true;
  model.dirty = false;
  for (const cell of notebook.content.widgets) {
    cell.readOnly = true;
  }
}

/** Keeps one notebook as its share says, whenever the lists of shares or its cells change. */
class Guard {
  constructor(
    private readonly notebook: NotebookPanel,
    private readonly model: SharingModel,
    private readonly actions: ShareActions
  ) {
    model.changed.connect(this.check, this);
    notebook.context.pathChanged.connect(this.check, this);
    notebook.content.modelContentChanged.connect(this.check, this);
    notebook.context.model.stateChanged.connect(this.check, this);
    notebook.disposed.connect(() => model.changed.disconnect(this.check, this));
    void notebook.context.ready.then(() => this.check());
  }

  private check(): void {
    const path = servicePath(this.notebook.context.localPath);
    const share = isReceived(path) ? this.model.shareAt(path) : undefined;
    if (share?.role === 'viewer' && this.notebook.context.isReady) {
      freeze(this.notebook);
      this.show(share, path);
    }
  }

  private show(share: Share, path: string): void {
    if (this.banner) {
      return;
    }
    const whole = share.path === path;
    const copy = (): Promise<void> => (whole ? this.actions.copy(share) : this.actions.copyFile(path));
    this.banner = new Banner(share, copy);
    this.notebook.contentHeader.addWidget(this.banner);
  }

  private banner: Banner | null = null;
}

/** Notebooks that were shared to be viewed are shown read-only. */
export const readonly: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:readonly',
  description: 'Shows a notebook that was shared to be viewed read-only, and offers a copy.',
  autoStart: true,
  requires: [ISharing, INotebookTracker],
  activate: (app: JupyterFrontEnd, model: SharingModel, notebooks: INotebookTracker): void => {
    const actions = new ShareActions(app, model);
    notebooks.widgetAdded.connect((_, notebook) => void new Guard(notebook, model, actions));
  }
};
