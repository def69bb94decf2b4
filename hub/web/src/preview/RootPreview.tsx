import { useEffect, useRef } from 'react';
import { viewerTexts } from '@cygnet/rootfile';
import { language, t } from '@cygnet/texts';
import { basePath } from '../api/http';
import { serveFile } from './rootFile';
import type { PreviewProps } from './types';

/**
 * JSROOT in a frame of no origin: files can carry formulas that it evaluates as code. The frame gets a
 * port that gives it bytes of this one file, and nothing else of the site.
 */
export function RootPreview({ node, source }: PreviewProps): JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const stop = useRef<() => void>();
  useEffect(() => () => stop.current?.(), []);
  const connect = (): void => {
    stop.current?.();
    const channel = new MessageChannel();
    stop.current = serveFile(channel.port1, source.contentUrl(node.path), () => {
      // As if the key had been pressed in the dialog around.
      frame.current?.closest('dialog')?.dispatchEvent(new Event('cancel', { cancelable: true }));
    });
    const dark = getComputedStyle(frame.current!).getPropertyValue('--is-dark').trim() === '1';
    const hello = { name: node.name, size: node.size, dark, language: language(), texts: viewerTexts() };
    // The frame has no origin that could be named; what is sent is no secret to it.
    frame.current!.contentWindow!.postMessage(hello, '*', [channel.port2]);
  };
  return (
    <iframe
      ref={frame}
      className="preview-frame"
      sandbox="allow-scripts"
      title={t('ROOT file {name}', { name: node.name })}
      src={`${basePath()}root-viewer/index.html`}
      onLoad={connect}
    />
  );
}
