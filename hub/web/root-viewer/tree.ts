/** A tree of items (WAI-ARIA): arrows walk and open, Enter and a click choose. */

import type { Item } from './contents';
import { draggable, say, takesCode } from './host';

export class Tree {
  readonly element = document.createElement('ul');
  private readonly items = new WeakMap<Element, Item>();

  constructor(
    items: Item[],
    private readonly chosen: (item: Item) => void,
  ) {
    this.element.setAttribute('role', 'tree');
    this.element.setAttribute('aria-label', say('Contents of the file'));
    this.element.append(...items.map(item => this.node(item)));
    this.element.querySelector('li')?.setAttribute('tabindex', '0');
    this.element.addEventListener('click', event => this.clicked(event));
    this.element.addEventListener('keydown', event => this.key(event));
  }

  /** Does what a click would, but leaves the focus where the person has it. */
  choose(item: Item): void {
    const element = this.visible().find(one => this.items.get(one) === item);
    if (element) this.use(element);
  }

  private node(item: Item): HTMLLIElement {
    const element = document.createElement('li');
    element.setAttribute('role', 'treeitem');
    element.setAttribute('tabindex', '-1');
    if (item.title) element.title = item.title;
    if (item.place && takesCode()) draggable(element, item.place);
    if (item.open) element.setAttribute('aria-expanded', 'false');
    const [line, twist, name, type] = ['span', 'i', 'b', 'small'].map(tag => document.createElement(tag));
    twist.className = 'twist';
    name.style.fontWeight = 'inherit';
    name.textContent = item.name;
    type.textContent = item.type;
    line.append(twist, name, type);
    element.append(line);
    this.items.set(element, item);
    return element;
  }

  private visible(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>('li')].filter(one => one.offsetParent !== null || one.getClientRects().length > 0);
  }

  private clicked(event: Event): void {
    const element = (event.target as Element).closest<HTMLElement>('li');
    if (!element) return;
    this.focus(element);
    this.use(element);
  }

  private use(element: HTMLElement): void {
    const item = this.items.get(element)!;
    if (item.open) {
      void this.expand(element, element.getAttribute('aria-expanded') !== 'true');
      return;
    }
    for (const other of this.element.querySelectorAll('[aria-selected]')) other.removeAttribute('aria-selected');
    element.setAttribute('aria-selected', 'true');
    this.chosen(item);
  }

  private async expand(element: HTMLElement, open: boolean): Promise<void> {
    const group = element.querySelector<HTMLElement>(':scope > ul');
    if (group) group.hidden = !open;
    else if (open) await this.fill(element);
    element.setAttribute('aria-expanded', String(open));
  }

  private async fill(element: HTMLElement): Promise<void> {
    const group = document.createElement('ul');
    group.setAttribute('role', 'group');
    element.append(group);
    try {
      const inside = await this.items.get(element)!.open!();
      group.append(...inside.map(item => this.node(item)));
    } catch (cause) {
      group.textContent = cause instanceof Error ? cause.message : String(cause);
    }
  }

  private focus(element: HTMLElement): void {
    this.element.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    element.setAttribute('tabindex', '0');
    element.focus({ preventScroll: true });
    element.querySelector('span')!.scrollIntoView({ block: 'nearest' });
  }

  private key(event: KeyboardEvent): void {
    const element = (event.target as Element).closest<HTMLElement>('li');
    if (!element) return;
    const all = this.visible();
    const at = all.indexOf(element);
    const expanded = element.getAttribute('aria-expanded');
    const above = element.parentElement!.closest<HTMLElement>('li');
    const move = (to: HTMLElement | null | undefined): void => void (to && this.focus(to));
    if (event.key === 'ArrowDown') move(all[at + 1]);
    else if (event.key === 'ArrowUp') move(all[at - 1]);
    else if (event.key === 'Home') move(all[0]);
    else if (event.key === 'End') move(all[all.length - 1]);
    else if (event.key === 'ArrowRight' && expanded === 'false') void this.expand(element, true);
    else if (event.key === 'ArrowRight') move(element.querySelector<HTMLElement>(':scope > ul > li'));
    else if (event.key === 'ArrowLeft' && expanded === 'true') void this.expand(element, false);
    else if (event.key === 'ArrowLeft') move(above);
    else if (event.key === 'Enter' || event.key === ' ') this.use(element);
    else return;
    event.preventDefault();
  }
}
