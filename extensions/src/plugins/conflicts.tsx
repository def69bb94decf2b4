import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { type DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import { type Contents, IDefaultDrive, IServerSettings, type ServerConnection, type ServiceManagerPlugin } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';
import { openModal } from '../modal';
import { LineBanner } from '../saves/banner';
import type { Conflict } from '../saves/conflict';
import { ConflictDialog } from '../saves/ConflictDialog';
import { CheckedDrive } from '../saves/drive';
import { ConflictGate, type Held } from '../saves/gate';
import { Resolver, contentOf } from '../saves/resolve';
import { CygnetServer } from '../server';
import { t } from '../texts';

type Context = DocumentRegistry.Context;

/** A person who pressed Save wants to see why it was not done; autosave tells quietly. */
const PRESSED = new Set(['docmanager:save', 'docmanager:save-all']);
const PRESSED_MS = 5_000;

/** The files of the notebook server; takes the place of JupyterLab's own plugin. */
export const drive: ServiceManagerPlugin<Contents.IDrive> = {
  id: '@cygnet/extensions:drive',
  description: 'Saves a document only if its file holds what the document began from.',
  autoStart: true,
  provides: IDefaultDrive,
  optional: [IServerSettings],
  activate: (_: null, serverSettings?: ServerConnection.ISettings | null): Contents.IDrive =>
    new CheckedDrive(serverSettings ? { serverSettings } : {})
};

/** Shows above a document that it is not saved, and opens the dialog. */
class ConflictDesk {
  constructor(
    private readonly gate: ConflictGate,
    private readonly resolver: Resolver
  ) {
    gate.held.connect((_, held) => this.show(held));
  }

  /** The person pressed Save. */
  pressed(): void {
    this.pressedAt = Date.now();
  }

  follow(widget: Widget, context: Context): void {
    this.gate.follow(context);
    if (widget instanceof DocumentWidget) {
      this.widgets.set(context, [...(this.widgets.get(context) ?? []), widget]);
      widget.disposed.connect(() => this.widgets.set(context, this.widgetsOf(context).filter(one => one !== widget)));
    }
  }

  private readonly widgets = new Map<Context, DocumentWidget[]>();
  private readonly banners = new Map<Context, LineBanner[]>();
  private pressedAt = 0;
  private open = false;

  private widgetsOf(context: Context): DocumentWidget[] {
    return this.widgets.get(context) ?? [];
  }

  private show({ context, conflict }: Held): void {
    this.banners.get(context)?.forEach(banner => banner.dispose());
    this.banners.delete(context);
    if (!conflict) {
      return;
    }
    const words = conflict.author
      ? t('{author} saved this file elsewhere. It is not saved here, so that nothing is lost.', { author: conflict.author })
      : t('This file was saved elsewhere. It is not saved here, so that nothing is lost.');
    const banners = this.widgetsOf(context).map(widget => {
      const banner = new LineBanner(words, t('See and decide'), () => this.ask(context, conflict));
      widget.contentHeader.addWidget(banner);
      return banner;
    });
    this.banners.set(context, banners);
    if (Date.now() - this.pressedAt < PRESSED_MS) {
      this.ask(context, conflict);
    }
  }

  private ask(context: Context, conflict: Conflict): void {
    if (this.open) {
      return;
    }
    this.open = true;
    const name = context.localPath.split('/').pop() ?? '';
    const modal = openModal(
      t('“{name}” was changed elsewhere', { name }),
      close => (
        <ConflictDialog
          conflict={conflict}
          onChoice={async choice => {
            await this.resolver.resolve(context, conflict, choice);
            close();
          }}
        />
      ),
      true
    );
    modal.disposed.connect(() => (this.open = false));
  }
}

/** Calls back for every document that is opened, whatever shows it. */
function eachDocument(registry: DocumentRegistry, follow: (widget: Widget, context: Context) => void): void {
  const known = new Set<string>();
  const add = (name: string): void => {
    if (!known.has(name)) {
      known.add(name);
      registry.addWidgetExtension(name, { createNew: (widget, context) => follow(widget, context) });
    }
  };
  [...registry.widgetFactories()].forEach(factory => add(factory.name));
  registry.changed.connect((_, change) => {
    if (change.type === 'widgetFactory' && change.change === 'added' && change.name) {
      add(change.name);
    }
  });
}

/** No document overwrites what somebody else saved meanwhile. */
export const conflicts: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/extensions:conflicts',
  description: 'Shows what differs when a file was changed elsewhere, and offers to merge.',
  autoStart: true,
  requires: [IDefaultDrive],
  activate: (app: JupyterFrontEnd, files: Contents.IDrive): void => {
    if (!(files instanceof CheckedDrive)) {
      return; // another extension has its own way of saving
    }
    const server = new CygnetServer(app.serviceManager.serverSettings);
    const compare = (context: Context, base: string): Promise<Conflict> =>
      server.post<Conflict>('compare', { path: context.localPath, base_hash: base, ...contentOf(context) });
    const gate = new ConflictGate(compare);
    files.gate = gate;
    const desk = new ConflictDesk(gate, new Resolver(app, gate));
    eachDocument(app.docRegistry, (widget, context) => desk.follow(widget, context));
    app.commands.commandExecuted.connect((_, { id }) => PRESSED.has(id) && desk.pressed());
  }
};
