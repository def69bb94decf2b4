import { mark, t } from '@cygnet/texts';
import { Dialog } from '../ui/Dialog';

const KEYS: [keys: string[], words: string][] = [
  [['↑', '↓', '←', '→'], mark('Go to another entry; with Shift, select on the way')],
  [[mark('Enter')], mark('Open')],
  [[mark('Space')], mark('Select or leave out')],
  [[mark('Ctrl'), 'A'], mark('Select all')],
  [[mark('Esc')], mark('Select nothing; close what is open')],
  [['F2'], mark('Rename')],
  [[mark('Del')], mark('Delete')],
  [[mark('Ctrl'), 'Z'], mark('Take back what was deleted, while Undo is offered')],
  [[mark('Shift'), 'F10'], mark('All actions for the entry')],
  [[mark('Backspace')], mark('To the folder above')],
  [['N'], mark('New folder')],
  [['U'], mark('Upload files')],
  [['/'], mark('Search')],
  [['?'], mark('These keys')],
];

export function HelpDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t('Keyboard')} onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, words]) => (
          <div key={words}>
            <dt>{keys.map(key => <kbd key={key}>{t(key)}</kbd>)}</dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
