import { Notification } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { t, tn } from '../texts';
import type { Choice } from './ConflictDialog';
import type { Conflict } from './conflict';
import type { ConflictGate } from './gate';

type Context = DocumentRegistry.Context;

/** What an open document would be saved as. */
export function contentOf(context: Context): Pick<Contents.IModel, 'type' | 'format' | 'content'> {
  const json = context.contentsModel?.type === 'notebook';
  return {
    type: json ? 'notebook' : 'file',
    format: json ? 'json' : (context.contentsModel?.format ?? 'text'),
    content: json ? context.model.toJSON() : context.model.toString()
  };
}

/** A name beside `path` that says what it is and when it was made. */
export function nameBeside(path: string, what: string, when: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const time = `${two(when.getHours())}.${two(when.getMinutes())}.${two(when.getSeconds())}`;
  const extension = PathExt.extname(path);
  return `${path.slice(0, path.length - extension.length)} (${what} ${day} ${time})${extension}`;
}

/** Carries out what the person decided about a document that was changed elsewhere. */
export class Resolver {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly gate: ConflictGate
  ) {}

  async resolve(context: Context, conflict: Conflict, choice: Choice): Promise<void> {
    if (choice === 'merge') {
      this.fill(context, conflict.merged);
      await this.replace(context, conflict);
      tellMerged(conflict.conflicts);
    } else if (choice === 'mine') {
      await this.replace(context, conflict);
    } else if (choice === 'both') {
      const copy = await this.keep(context);
      await context.revert();
      await this.app.commands.execute('docmanager:open', { path: copy });
      const name = PathExt.basename(copy);
      Notification.success(t('Your version is “{name}” now.', { name }), { autoClose: 8000 });
    } else {
      await context.revert();
    }
  }

  private fill(context: Context, content: unknown): void {
    if (typeof content === 'string') {
      context.model.fromString(content);
    } else {
      context.model.fromJSON(content as Parameters<typeof context.model.fromJSON>[0]);
    }
  }

  private async replace(context: Context, conflict: Conflict): Promise<void> {
    this.gate.allow(context, conflict);
    await context.save();
  }

  private async keep(context: Context): Promise<string> {
    const path = nameBeside(context.path, t('mine'), new Date());
    await this.app.serviceManager.contents.save(path, contentOf(context));
    return path;
  }
}

function tellMerged(conflicts: number): void {
  if (conflicts === 0) {
    Notification.success(t('The changes of both are in one file now.'), { autoClose: 5000 });
    return;
  }
  const words = tn(
    '{n} cell holds both texts, between <<<<<<< and >>>>>>>. Keep what is right and delete the marks.',
    '{n} cells hold both texts, between <<<<<<< and >>>>>>>. Keep what is right and delete the marks.',
    conflicts
  );
  Notification.warning(words, { autoClose: false });
}
