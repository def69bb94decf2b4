import { ReactWidget, closeIcon } from '@jupyterlab/ui-components';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';
import { t } from './texts';
import type { ShareActions } from './actions';
import { Look } from './look';
import { LookDialog } from './LookDialog';
import type { SharingModel } from './model';
import type { CygnetServer } from './server';
import { type Share, ShareDialog, type ShareItem } from './sharing';
import { GalleryClient, Publish } from './gallery';
import { HandOut, TeachingClient } from './teaching';

const TITLE_ID = 'cygnet-modal-title';

/** A modal frame of the browser, which keeps the focus inside and closes on Escape. */
class Modal extends Widget {
  constructor(title: string, draw: (close: () => void) => JSX.Element) {
    const frame = document.createElement('dialog');
    super({ node: frame });
    this.addClass('cygnet-modal');
    frame.setAttribute('aria-labelledby', TITLE_ID);
    // A notebook's single-letter shortcuts are not for what is typed here.
    frame.dataset['lmSuppressShortcuts'] = 'true';
    frame.addEventListener('close', () => this.dispose());
    const close = (): void => frame.close();
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(
      ReactWidget.create(
        <>
          <header>
            <h2 id={TITLE_ID}>{title}</h2>
            <button type="button" className="cygnet-icon-button" aria-label={t('Close')} title={t('Close')} onClick={close}>
              <closeIcon.react tag="span" />
            </button>
          </header>
          {draw(close)}
        </>
      )
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    (this.node as HTMLDialogElement).showModal();
  }
}

/**
 * Open a modal frame.
 *
 * @param draw what is in it; is given what closes it
 * @param wide for what needs the width of the page
 */
export function openModal(title: string, draw: (close: () => void) => JSX.Element, wide = false): Widget {
  const modal = new Modal(title, draw);
  if (wide) {
    modal.addClass('cygnet-wide');
  }
  Widget.attach(modal, document.body);
  return modal;
}

/** Let the person share one file or folder. */
export function openShareDialog(model: SharingModel, item: ShareItem): void {
  const teaching = new TeachingClient(model.client.baseUrl, model.client.fetchLike);
  const gallery = new GalleryClient(model.client.baseUrl, model.client.fetchLike);
  const draw = (): JSX.Element => (
    <>
      <ShareDialog client={model.client} item={item} onChange={() => void model.refresh()} />
      <HandOut client={teaching} path={item.path} />
      <Publish client={gallery} path={item.path} />
    </>
  );
  openModal(t('Share “{name}”', { name: item.name }), draw);
}

/** Let the person look at what somebody shares before accepting it. */
export function openLook(server: CygnetServer, share: Share, actions: ShareActions): void {
  const look = new Look(server, share.id);
  openModal(share.name, close => <LookDialog look={look} share={share} actions={actions} onClose={close} />, true);
}
