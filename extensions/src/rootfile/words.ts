import { mark, t } from '../texts';

/** The texts of the viewer, which is a page of its own and cannot ask for a catalogue. */
const WORDS = [
  mark('Add to the notebook'),
  mark('Adds a cell that reads this with uproot. It can also be dragged into a notebook.'),
  mark('Choose a histogram, or open a tree and choose a branch.'),
  mark('Contents of the file'),
  mark('Drawing'),
  mark('Nothing is drawn yet'),
  mark('Reading…'),
  mark('There is no drawing for {type}.'),
  mark('This cannot be drawn. {why}'),
  mark('This file cannot be read as a ROOT file. {why}'),
  mark('{n} entries')
];

/** English texts of the viewer with those in the language of the page. */
export function viewerTexts(): Record<string, string> {
  return Object.fromEntries(WORDS.map(english => [english, t(english)]));
}
