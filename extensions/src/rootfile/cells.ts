import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { t } from '../texts';
import type { Drag } from './port';

const TARGET = 'cygnet-rootfile-target';

/** Puts code into notebooks: by a button into the one in front, or where it is dropped. */
export class Cells {
  constructor(
    private readonly notebooks: INotebookTracker | null,
    private readonly show: (panel: NotebookPanel) => void
  ) {}

  /** Add a cell below the active one of the notebook that was used last. */
  add(code: string): void {
    const panel = this.notebooks?.currentWidget;
    if (!panel) {
      Notification.info(t('Open a notebook first: the code goes below its active cell.'), { autoClose: 8000 });
      return;
    }
    insert(panel, code);
    const name = PathExt.basename(panel.context.path);
    Notification.success(t('A cell was added to {name}.', { name }), {
      autoClose: 8000,
      actions: [{ label: t('Show'), callback: () => this.show(panel) }]
    });
  }

  /**
   * Code is dragged: show it at the pointer, and the cell below which it would go.
   * @param x from the left of the page, in pixels
   * @param y from its top
   */
  drag({ code, end }: Omit<Drag, 'x' | 'y'>, x: number, y: number): void {
    const under = document.elementFromPoint(x, y);
    const panel = this.notebooks?.find(one => one.content.node.contains(under));
    const at = panel ? panel.content.widgets.findIndex(cell => cell.node.contains(under)) : -1;
    if (!end) {
      this.follow(code);
      this.mark(panel?.content.widgets[at]?.node);
      this.ghost.style.translate = `${x + 12}px ${y + 8}px`;
      return;
    }
    const pending = this.following !== null;
    this.unfollow();
    if (panel && pending && end === 'dropped') {
      panel.content.activeCellIndex = at >= 0 ? at : panel.content.widgets.length - 1;
      insert(panel, code);
      this.show(panel);
    }
  }

  /** Whether the frame or the page hears the pointer outside of the frame depends on the browser. */
  private follow(code: string): void {
    if (this.following) {
      return;
    }
    this.following = new AbortController();
    const { signal } = this.following;
    const heard = (end?: Drag['end']) => (event: PointerEvent) =>
      this.drag(end ? { code, end } : { code }, event.clientX, event.clientY);
    document.addEventListener('pointermove', heard(), { signal, capture: true });
    document.addEventListener('pointerup', heard('dropped'), { signal, capture: true });
    document.addEventListener('pointercancel', heard('given up'), { signal, capture: true });
    this.ghost.textContent = code;
    document.body.append(this.ghost);
  }

  private unfollow(): void {
    this.following?.abort();
    this.following = null;
    this.ghost.remove();
    this.mark(undefined);
  }

  private mark(cell: HTMLElement | undefined): void {
    this.marked?.classList.remove(TARGET);
    cell?.classList.add(TARGET);
    this.marked = cell;
  }

  private readonly ghost = Object.assign(document.createElement('pre'), { className: 'cygnet-rootfile-ghost' });
  private following: AbortController | null = null;
  private marked: HTMLElement | undefined;
}

function insert(panel: NotebookPanel, code: string): void {
  NotebookActions.insertBelow(panel.content);
  NotebookActions.changeCellType(panel.content, 'code');
  panel.content.activeCell?.model.sharedModel.setSource(code);
}
