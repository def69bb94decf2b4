import { type ReactNode, useState } from 'react';

export function Problem({ text }: { readonly text: string | null }): JSX.Element | null {
  return text ? (
    <p className="cyg-error" role="alert">
      {text}
    </p>
  ) : null;
}

export interface NameFormProps {
  readonly label: string;
  readonly action: string;
  readonly initial?: string;
  readonly busy: boolean;
  /** True when it worked: then the field is emptied. */
  readonly onSubmit: (text: string) => Promise<boolean>;
  readonly children?: ReactNode;
}

/** One field and a button. */
export function NameForm({ label, action, initial = '', busy, onSubmit, children }: NameFormProps): JSX.Element {
  const [text, setText] = useState(initial);
  return (
    <form
      className="cyg-form"
      onSubmit={event => {
        event.preventDefault();
        void onSubmit(text.trim()).then(done => done && setText(''));
      }}
    >
      <label>
        <span>{label}</span>
        <input className="cyg-input" value={text} required onChange={event => setText(event.target.value)} />
      </label>
      {children}
      <button type="submit" className="cyg-button" disabled={busy || !text.trim()}>
        {action}
      </button>
    </form>
  );
}

export interface ActionProps {
  readonly label: string;
  /** What a screen reader says as well, since many rows have the same labels. */
  readonly about: string;
  readonly busy: boolean;
  readonly primary?: boolean;
  readonly run: () => void;
}

export function Action({ label, about, busy, primary = false, run }: ActionProps): JSX.Element {
  return (
    <button
      type="button"
      className={primary ? 'cyg-button cyg-primary' : 'cyg-button'}
      aria-label={`${label}: ${about}`}
      disabled={busy}
      onClick={run}
    >
      {label}
    </button>
  );
}
