export interface AvatarProps {
  readonly name: string;
  readonly kind: 'user' | 'group' | 'link';
}

const GLYPHS = { group: '👥', link: '🔗' } as const;

/** A round mark in front of a name; says nothing that the name beside it does not. */
export function Avatar({ name, kind }: AvatarProps): JSX.Element {
  const text = kind === 'user' ? (Array.from(name.trim())[0] ?? '?').toLocaleUpperCase() : GLYPHS[kind];
  return (
    <span className={`cyg-avatar cyg-avatar-${kind}`} aria-hidden="true">
      {text}
    </span>
  );
}
