import { Widget } from '@lumino/widgets';

/** A line above a document: words, and one thing to do. */
export class LineBanner extends Widget {
  constructor(words: string, label: string, act: () => void) {
    super();
    this.addClass('cygnet-banner');
    this.addClass('cygnet-warning');
    // Said politely: it comes by itself, while the person types.
    this.node.setAttribute('role', 'status');
    const text = document.createElement('span');
    text.textContent = words;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'cygnet-button cygnet-primary';
    button.textContent = label;
    button.addEventListener('click', act);
    this.node.append(text, button);
  }
}
