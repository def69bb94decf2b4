import { Dialog } from '../ui/Dialog';

const KEYS: [keys: string[], words: string][] = [
  [['↑', '↓', '←', '→'], 'Go to another entry; with Shift, select on the way'],
  [['Enter'], 'Open'],
  [['Space'], 'Select or leave out'],
  [['Ctrl', 'A'], 'Select all'],
  [['Esc'], 'Select nothing; close what is open'],
  [['F2'], 'Rename'],
  [['Del'], 'Delete'],
  [['Ctrl', 'Z'], 'Take back what was deleted, while Undo is offered'],
  [['Shift', 'F10'], 'All actions for the entry'],
  [['Backspace'], 'To the folder above'],
  [['N'], 'New folder'],
  [['U'], 'Upload files'],
  [['/'], 'Search'],
  [['?'], 'These keys'],
];

export function HelpDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, words]) => (
          <div key={words}>
            <dt>{keys.map(key => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
