/** The place where an object is drawn. */

import { cleanup, draw, registerForResize, settings } from 'jsroot';
import { treeDraw } from 'jsroot/tree';
import type { Drawable, Item, RootObject } from './contents';
import { insert, say, takesCode } from './host';

settings.ContextMenu = false;
settings.ToolBar = false;

const title = document.getElementById('title')!;
const about = document.getElementById('about')!;
const drawing = document.getElementById('drawing')!;
const button = document.getElementById('insert') as HTMLButtonElement;
let latest: Item | null = null;
let resize: { cleanup?: () => void } | null = null;

/** Draws `item`; nothing: says what to do. A later call wins over one that is still reading. */
export async function show(item: Item | null): Promise<void> {
  latest = item;
  clear();
  title.textContent = item ? item.name : say('Nothing is drawn yet');
  about.textContent = item ? say('Reading…') : say('Choose a histogram, or open a tree and choose a branch.');
  offer(item);
  if (!item?.draw) return;
  try {
    const what = await item.draw();
    const object = await objectOf(what);
    if (latest !== item) return;
    await paint(object, optionOf(what));
    about.textContent = wordsFor(item, what);
  } catch (cause) {
    if (latest !== item) return;
    clear();
    about.textContent = say('This cannot be drawn. {why}', { why: cause instanceof Error ? cause.message : String(cause) });
  }
}

/** A button that puts code for what is drawn into the notebook. */
function offer(item: Item | null): void {
  const place = item?.place;
  button.hidden = !place || !takesCode();
  button.textContent = say('Add to the notebook');
  button.title = say('Adds a cell that reads this with uproot. It can also be dragged into a notebook.');
  button.onclick = () => place && insert(place);
}

function clear(): void {
  resize?.cleanup?.();
  resize = null;
  cleanup(drawing);
  drawing.replaceChildren();
  drawing.classList.remove('paper');
}

async function objectOf(what: Drawable): Promise<RootObject> {
  if ('object' in what) return what.object;
  return (await treeDraw(what.tree, { expr: what.expression })) as RootObject;
}

function optionOf(what: Drawable): string {
  return 'object' in what && what.object._typename.startsWith('TH2') ? 'colz' : '';
}

async function paint(object: RootObject, option: string): Promise<void> {
  drawing.classList.add('paper'); // ROOT draws in dark colours for white paper
  const painter = (await draw(drawing, object, option)) as unknown;
  if (!painter) throw new Error(say('There is no drawing for {type}.', { type: object._typename }));
  resize = registerForResize(drawing, 100) as { cleanup?: () => void };
}

function wordsFor(item: Item, what: Drawable): string {
  const parts = [item.type, item.title !== item.name ? item.title : ''];
  if ('tree' in what && what.tree.fEntries !== undefined) parts.push(say('{n} entries', { n: what.tree.fEntries.toLocaleString(document.documentElement.lang) }));
  return parts.filter(Boolean).join(' · ');
}
