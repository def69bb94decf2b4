import { ReactWidget, closeIcon } from '@jupyterlab/ui-components';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';
import { ShareDialog, type ShareItem } from './sharing';
import type { SharingModel } from './model';

const TITLE_ID = 'cygnet-share-title';

/** The share dialog in a modal frame of the browser, which keeps the focus inside and closes on Escape. */
class ShareModal extends Widget {
  constructor(model: SharingModel, item: ShareItem) {
    const frame = document.createElement('dialog');
    super({ node: frame });
    this.addClass('cygnet-modal');
    frame.setAttribute('aria-labelledby', TITLE_ID);
    // A notebook's single-letter shortcuts are not for what is typed here.
    frame.dataset['lmSuppressShortcuts'] = 'true';
    frame.addEventListener('close', () => this.dispose());
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(
      ReactWidget.create(
        <>
          <header>
            <h2 id={TITLE_ID}>Share “{item.name}”</h2>
            <button
              type="button"
              className="cygnet-icon-button"
              aria-label="Close"
              title="Close"
              onClick={() => frame.close()}
            >
              <closeIcon.react tag="span" />
            </button>
          </header>
          <ShareDialog client={model.client} item={item} onChange={() => void model.refresh()} />
        </>
      )
    );
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    (this.node as HTMLDialogElement).showModal();
  }
}

/** Let the person share one file or folder. */
export function openShareDialog(model: SharingModel, item: ShareItem): void {
  Widget.attach(new ShareModal(model, item), document.body);
}
