/**
 * The ROOT viewer. It runs in a sandboxed frame without an origin, because JSROOT evaluates formulas that
 * files carry; all it knows of the site is a port that gives bytes of one file.
 */

import { contents, openThrough } from './contents';
import { ESCAPE } from '../src/preview/rootFile';
import { connect, hear, say, type Told } from './host';
import { show } from './stage';
import { Tree } from './tree';

interface Hello extends Told {
  name: string;
  size: number;
  language?: string;
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function start(hello: Hello, port: MessagePort): Promise<void> {
  document.documentElement.lang = hello.language ?? 'en';
  hear(hello);
  connect(port);
  document.getElementById('keys')!.setAttribute('aria-label', say('Contents of the file'));
  document.getElementById('stage')!.setAttribute('aria-label', say('Drawing'));
  window.addEventListener('keydown', event => event.key === 'Escape' && port.postMessage(ESCAPE));
  const keys = document.getElementById('keys')!;
  try {
    const file = await openThrough(port, hello.name, hello.size);
    const items = contents(file);
    const tree = new Tree(items, item => void show(item));
    keys.replaceChildren(tree.element);
    const first = items.find(item => item.draw);
    if (first) tree.choose(first);
    else {
      await show(null);
      if (items.length === 1) tree.choose(items[0]);
    }
  } catch (cause) {
    keys.replaceChildren(problem(say('This file cannot be read as a ROOT file. {why}', { why: words(cause) })));
  }
}

function problem(text: string): HTMLElement {
  const line = document.createElement('p');
  line.setAttribute('role', 'alert');
  line.textContent = text;
  return line;
}

function listen(event: MessageEvent<Hello>): void {
  if (event.source !== window.parent || !event.ports[0]) return;
  window.removeEventListener('message', listen);
  void start(event.data, event.ports[0]);
}

// Opened by itself this page would have the site's origin, and a stranger's file could act in it.
if (self.origin === 'null' && window.parent !== window) window.addEventListener('message', listen);
else document.body.replaceChildren(problem('This page only works inside the Files site.'));

