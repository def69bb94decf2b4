import { useEffect, useState } from 'react';
import { inWords, send } from '../api/http';
import type { PreviewProps } from './types';

const LONGEST = 1_000_000; // bytes; more than anybody reads in a preview

export type Text = { text: string; cut: boolean } | { error: string } | null;

/** The beginning of a text file. */
export function useText({ node, source }: PreviewProps): Text {
  const [state, setState] = useState<Text>(null);
  useEffect(() => {
    const abort = new AbortController();
    const cut = node.size > LONGEST;
    const headers: Record<string, string> = cut ? { Range: `bytes=0-${LONGEST - 1}` } : {};
    send(source.contentUrl(node.path), { headers, signal: abort.signal })
      .then(async response => setState({ text: decode(await response.arrayBuffer()), cut }))
      .catch((cause: unknown) => abort.signal.aborted || setState({ error: inWords(cause) }));
    return () => abort.abort();
  }, [source, node.path, node.size]);
  return state;
}

/** UTF-8, unless it is not: then the encoding of old instruments and spreadsheets. */
function decode(bytes: ArrayBuffer): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.slice(0, -4).includes('\ufffd') ? new TextDecoder('windows-1252').decode(bytes) : text;
}
