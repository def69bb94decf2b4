import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTree } from '@jupyter-notebook/tree';
import type { Title, Widget } from '@lumino/widgets';

/** What the style sheet shows as a number on a tab: `data-cygnet-new`. */
const BADGE = 'cygnet-new';

/** Shows a number on the tab of a panel; none for 0. */
export function showCount(title: Title<Widget>, count: number): void {
  const { [BADGE]: _, ...others } = title.dataset;
  title.dataset = count ? { ...others, [BADGE]: String(count) } : others;
}

export interface PanelPlace {
  /** What its tab says in Notebook 7; JupyterLab shows the icon. */
  readonly label: string;
  /** Its place among the panels of JupyterLab's side bar. */
  readonly rank: number;
  readonly type: string;
  /** The page of Notebook 7 that shows files; null in JupyterLab. */
  readonly tree: INotebookTree | null;
  readonly restorer: ILayoutRestorer | null;
}

/**
 * Puts a panel into the side bar of JupyterLab and of a notebook of Notebook 7, or beside its files.
 *
 * @returns shows the panel
 */
export function addPanel(app: JupyterFrontEnd, widget: Widget, place: PanelPlace): () => void {
  const { label, rank, type, tree, restorer } = place;
  if (tree) {
    widget.title.label = label;
    tree.addWidget(widget);
    tree.tabBar.addTab(widget.title);
    return () => {
      tree.currentWidget = widget;
    };
  }
  app.shell.add(widget, 'left', { rank, type });
  restorer?.add(widget, widget.id);
  return () => app.shell.activateById(widget.id);
}
