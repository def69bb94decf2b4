import * as pdfjs from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { t, tn } from '@cygnet/texts';
import { basePath, inWords } from '../api/http';
import { Empty, Loading } from '../ui/states';
import type { PreviewProps } from './types';

pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;

const data = (folder: string): string => `${location.origin}${basePath()}pdfjs/${folder}/`;

/** Pages drawn on canvases: scripts, forms and links of the document are left out. */
export default function PdfPreview({ node, source }: PreviewProps): JSX.Element {
  const [state, setState] = useState<pdfjs.PDFDocumentProxy | string | null>(null);
  useEffect(() => {
    const task = pdfjs.getDocument({
      url: source.contentUrl(node.path),
      cMapUrl: data('cmaps'),
      standardFontDataUrl: data('standard_fonts'),
      wasmUrl: data('wasm'),
      enableXfa: false,
    });
    task.promise.then(setState, (cause: unknown) => setState(words(cause)));
    return () => void task.destroy();
  }, [source, node.path]);
  if (!state) return <Loading label={t('Opening the document')} />;
  if (typeof state === 'string') return <Empty icon="warning" title={t('This document cannot be shown')}>{state}</Empty>;
  return (
    <div className="preview-pdf">
      <p className="visually-hidden" role="status">{tn('{n} page', '{n} pages', state.numPages)}</p>
      {Array.from({ length: state.numPages }, (_, at) => <Page key={at} document={state} number={at + 1} />)}
    </div>
  );
}

function words(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'PasswordException') return t('It is protected by a password. Download it to open it.');
  if (name === 'InvalidPDFException') return t('The file is damaged or is not a PDF.');
  return inWords(cause);
}

/** Drawn when it comes near the seen part. */
function Page({ document, number }: { document: pdfjs.PDFDocumentProxy; number: number }): JSX.Element {
  const sheet = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const near = useNear(sheet);
  const [ratio, setRatio] = useState(Math.SQRT2); // of a sheet of A4, until the page tells
  useEffect(() => {
    if (!near) return;
    const abort = new AbortController();
    void draw(document, number, canvas.current!, layer.current!, abort.signal).then(setRatio, () => undefined);
    return () => abort.abort();
  }, [near, document, number]);
  return (
    <div ref={sheet} className="pdf-page" style={{ aspectRatio: `1 / ${ratio}` }} role="group" aria-label={t('Page {number}', { number })}>
      <canvas ref={canvas} aria-hidden="true" />
      <div ref={layer} className="pdf-text" />
    </div>
  );
}

function useNear(element: React.RefObject<Element>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => entry.isIntersecting && setNear(true), { rootMargin: '800px' });
    watcher.observe(element.current!);
    return () => watcher.disconnect();
  }, [element]);
  return near;
}

/** @returns height over width of the page */
async function draw(
  document: pdfjs.PDFDocumentProxy,
  number: number,
  canvas: HTMLCanvasElement,
  layer: HTMLDivElement,
  signal: AbortSignal,
): Promise<number> {
  const page = await document.getPage(number);
  signal.throwIfAborted();
  const natural = page.getViewport({ scale: 1 });
  const scale = canvas.parentElement!.clientWidth / natural.width;
  const viewport = page.getViewport({ scale });
  const sharpness = Math.min(2, window.devicePixelRatio);
  canvas.width = Math.floor(viewport.width * sharpness);
  canvas.height = Math.floor(viewport.height * sharpness);
  const drawing = page.render({ canvas, viewport, transform: [sharpness, 0, 0, sharpness, 0, 0], annotationMode: pdfjs.AnnotationMode.DISABLE });
  signal.addEventListener('abort', () => drawing.cancel());
  await drawing.promise;
  layer.replaceChildren();
  layer.style.setProperty('--total-scale-factor', String(scale));
  await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport }).render();
  return natural.height / natural.width;
}
