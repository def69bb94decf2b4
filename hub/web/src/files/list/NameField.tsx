import { useEffect, useRef, useState } from 'react';
import { t } from '@cygnet/texts';
import type { Node } from '../../api/types';
import { nameProblem, splitExtension } from '../../lib/paths';

interface Props {
  node: Node;
  onDone: (name: string | null) => void;
}

/** Renames in place: Enter keeps, Escape goes back; the part before the extension is selected. */
export function NameField({ node, onDone }: Props): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  const [name, setName] = useState(node.name);
  const problem = name === node.name ? null : nameProblem(name);
  useEffect(() => {
    field.current!.focus();
    field.current!.setSelectionRange(0, node.kind === 'folder' ? node.name.length : splitExtension(node.name)[0].length);
  }, [node]);
  const done = (answer: string | null): void => {
    if (over.current) return; // Enter is followed by a blur
    over.current = true;
    onDone(answer === node.name ? null : answer);
  };
  return (
    <span className="name-field">
      <input
        ref={field}
        value={name}
        aria-label={t('New name for {name}', { name: node.name })}
        aria-invalid={problem !== null}
        spellCheck={false}
        onChange={event => setName(event.target.value)}
        onBlur={() => done(problem ? null : name)}
        onKeyDown={event => {
          event.stopPropagation();
          if (event.key === 'Enter' && !problem) done(name);
          if (event.key === 'Escape') done(null);
        }}
      />
      {problem && <span className="field-problem" role="alert">{problem}</span>}
    </span>
  );
}
