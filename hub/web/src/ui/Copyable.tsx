import { CopyButton } from './CopyButton';

/** A text to be copied to somewhere else. */
export function Copyable({ label, text }: { label: string; text: string }): JSX.Element {
  return (
    <span className="copyable">
      <input readOnly value={text} aria-label={label} onFocus={event => event.target.select()} />
      <CopyButton text={text} />
    </span>
  );
}
