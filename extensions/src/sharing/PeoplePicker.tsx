import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { t } from '../texts';
import { Avatar } from './Avatar';
import type { SharingClient } from './client';
import type { Person } from './types';
import { usePeopleSearch } from './usePeopleSearch';

export interface PeoplePickerProps {
  readonly client: SharingClient;
  readonly chosen: readonly Person[];
  /** Those who have access already; they are not offered again. */
  readonly taken: ReadonlySet<string>;
  readonly onChange: (chosen: readonly Person[]) => void;
}

/** What tells a person from a group of the same name. */
export function keyOf(person: Pick<Person, 'kind' | 'id'>): string {
  return `${person.kind}:${person.id}`;
}

/** A field that finds people and groups while one types, and keeps those that were picked. */
export function PeoplePicker({ client, chosen, taken, onChange }: PeoplePickerProps): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const search = usePeopleSearch(client, typed);
  const picked = new Set(chosen.map(keyOf));
  const options = search.people.filter(person => !picked.has(keyOf(person)) && !taken.has(keyOf(person)));
  const shown = open && typed.trim() !== '';

  useEffect(() => setActive(0), [search.people]);

  const pick = (person: Person): void => {
    onChange([...chosen, person]);
    setTyped('');
    setOpen(false);
    input.current?.focus();
  };
  const drop = (person: Person): void => {
    onChange(chosen.filter(other => keyOf(other) !== keyOf(person)));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const option = options[active];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setOpen(true);
      setActive(options.length ? (active + step + options.length) % options.length : 0);
    } else if (event.key === 'Enter' && shown) {
      if (option) {
        pick(option);
      }
    } else if (event.key === 'Escape' && shown) {
      setOpen(false); // closes the list; a second Escape is for the dialog
    } else if (event.key === 'Backspace' && !typed && chosen.length) {
      onChange(chosen.slice(0, -1));
      return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="cyg-picker">
      <div className="cyg-picker-field" onClick={() => input.current?.focus()}>
        {chosen.map(person => (
          <span key={keyOf(person)} className="cyg-chip">
            <Avatar name={person.display_name} kind={person.kind} />
            {person.display_name}
            <button type="button" aria-label={t('Leave out {name}', { name: person.display_name })} onClick={() => drop(person)}>
              ×
            </button>
          </span>
        ))}
        <input
          ref={input}
          role="combobox"
          aria-label={t('Add people or groups')}
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-activedescendant={shown && options[active] ? `${id}-${active}` : undefined}
          placeholder={chosen.length ? '' : t('Add people or groups by name')}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          data-first // for a frame that shows itself only later, and then gives the focus to this
          value={typed}
          onChange={event => {
            setTyped(event.target.value);
            setOpen(true);
          }}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={t('People and groups found')} className="cyg-list" hidden={!shown}>
        {options.map((person, index) => (
          <li
            key={keyOf(person)}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // The field keeps the focus: it would lose what is typed otherwise.
            onMouseDown={event => event.preventDefault()}
            onMouseEnter={() => setActive(index)}
            onClick={() => pick(person)}
          >
            <Avatar name={person.display_name} kind={person.kind} />
            <span className="cyg-name">{person.display_name}</span>
            <span className="cyg-quiet">{person.kind === 'group' ? t('Group') : person.id}</span>
          </li>
        ))}
        <PickerStatus typed={typed.trim()} search={search} offered={options.length} />
      </ul>
    </div>
  );
}

interface PickerStatusProps {
  readonly typed: string;
  readonly search: ReturnType<typeof usePeopleSearch>;
  readonly offered: number;
}

function PickerStatus({ typed, search, offered }: PickerStatusProps): JSX.Element | null {
  let words = '';
  if (search.error) {
    words = search.error;
  } else if (search.busy || search.answered !== typed) {
    words = offered ? '' : t('Searching…');
  } else if (!offered) {
    words = search.people.length ? t('Everybody found has access already.') : t('Nobody else found for “{typed}”.', { typed });
  }
  return words ? (
    <li className="cyg-list-status" role="presentation">
      <span role="status">{words}</span>
    </li>
  ) : null;
}
