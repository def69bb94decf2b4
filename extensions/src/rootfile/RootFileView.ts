import { IThemeManager } from '@jupyterlab/apputils';
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { Widget } from '@lumino/widgets';
import type { CygnetServer } from '../server';
import { language, t } from '../texts';
import { Bytes, serve, type Wish } from './port';
import { viewerTexts } from './words';

/** Whether a theme of JupyterLab is dark. */
const isDark = (themes: IThemeManager | null): boolean => !!themes?.theme && !themes.isLight(themes.theme);

/**
 * A ROOT file, drawn by JSROOT. The viewer is in a frame without an origin, because files may carry formulas
 * that it evaluates; it gets bytes of this file and reaches nothing else.
 */
export class RootFileView extends Widget {
  constructor(
    private readonly server: CygnetServer,
    private readonly themes: IThemeManager | null,
    private readonly onWish: (wish: Wish) => void
  ) {
    super();
    this.addClass('cygnet-rootfile');
    this.frame.className = 'cygnet-rootfile-frame';
    this.frame.setAttribute('sandbox', 'allow-scripts');
    this.node.append(this.frame);
    themes?.themeChanged.connect(this.tellTheme, this);
  }

  /**
   * Show a file.
   * @param path as the notebook server knows it
   */
  async open(path: string): Promise<void> {
    this.frame.title = t('ROOT file {name}', { name: PathExt.basename(path) });
    const bytes = new Bytes(this.server, path);
    const page = await this.server.ask(URLExt.join(this.server.baseUrl, 'root-viewer'));
    const size = await bytes.size();
    this.frame.onload = () => this.connect(path, bytes, size);
    this.frame.srcdoc = await page.text();
  }

  /** What code in the notebook in front opens the file by. */
  set address(address: string) {
    this._address = address;
    this.port?.postMessage({ address });
  }

  /** Where a point of the frame is in the page. */
  inPage({ x, y }: { x: number; y: number }): [number, number] {
    const frame = this.frame.getBoundingClientRect();
    return [x + frame.left, y + frame.top];
  }

  override dispose(): void {
    this.stop?.();
    this.themes?.themeChanged.disconnect(this.tellTheme, this);
    super.dispose();
  }

  private connect(path: string, bytes: Bytes, size: number): void {
    this.stop?.();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.stop = serve(port1, bytes, this.onWish);
    const hello = {
      name: PathExt.basename(path),
      size,
      dark: isDark(this.themes),
      address: this._address,
      language: language(),
      texts: viewerTexts()
    };
    // The frame has no origin that could be named; what is sent is no secret to it.
    this.frame.contentWindow?.postMessage(hello, '*', [port2]);
  }

  private tellTheme(): void {
    this.port?.postMessage({ dark: isDark(this.themes) });
  }

  private readonly frame = document.createElement('iframe');
  private _address = '';
  private port: MessagePort | null = null;
  private stop: (() => void) | null = null;
}
