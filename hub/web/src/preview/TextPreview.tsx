import hljs from 'highlight.js/lib/common';
import MarkdownIt from 'markdown-it';
import { useMemo } from 'react';
import { t } from '@cygnet/texts';
import { size } from '../lib/format';
import { extension, kindOf } from '../lib/kinds';
import { Empty, Loading } from '../ui/states';
import type { PreviewProps } from './types';
import { useText } from './useText';

// Raw HTML in Markdown is shown as the text that it is; links run no script (markdown-it checks their scheme).
const markdown = new MarkdownIt({ html: false, linkify: true });
const LONGEST_COLOURED = 200_000; // characters; beyond that colouring is slower than reading

const LANGUAGES: Record<string, string> = { h: 'cpp', cc: 'cpp', cxx: 'cpp', hpp: 'cpp', toml: 'ini', cfg: 'ini', htm: 'xml', html: 'xml', tsx: 'typescript', jsx: 'javascript' };

export default function TextPreview(props: PreviewProps): JSX.Element {
  const state = useText(props);
  if (!state) return <Loading />;
  if ('error' in state) return <Empty icon="warning" title={t('This file cannot be shown')}>{state.error}</Empty>;
  const isMarkdown = kindOf(props.node) === 'markdown';
  return (
    <div className="preview-text">
      {state.cut && <p className="note">{t('The beginning of a file of {size}; download it to read all.', { size: size(props.node.size) })}</p>}
      {isMarkdown ? <Markdown text={state.text} /> : <Code text={state.text} name={props.node.name} />}
    </div>
  );
}

function Markdown({ text }: { text: string }): JSX.Element {
  const html = useMemo(() => withoutPictures(markdown.render(text)), [text]);
  return <article className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** Links open elsewhere and tell nothing of where they were; pictures of other hosts would tell who reads. */
function withoutPictures(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const link of page.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  for (const image of page.querySelectorAll('img')) {
    if (!image.src.startsWith('data:')) image.replaceWith(page.createTextNode(image.alt || 'picture'));
  }
  return page.body.innerHTML;
}

function Code({ text, name }: { text: string; name: string }): JSX.Element {
  const html = useMemo(() => coloured(text, name), [text, name]);
  return html === null ? <pre className="code">{text}</pre> : <pre className="code" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** highlight.js escapes whatever it is given. */
function coloured(text: string, name: string): string | null {
  const end = extension(name);
  const language = LANGUAGES[end] ?? end;
  if (text.length > LONGEST_COLOURED || !hljs.getLanguage(language)) return null;
  return hljs.highlight(text, { language, ignoreIllegals: true }).value;
}
