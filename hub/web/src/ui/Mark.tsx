/** The cygnet: a young swan on calm water. */
export function Mark({ size = 32 }: { size?: number }): JSX.Element {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect className="mark-tile" width="32" height="32" rx="9" />
      <path
        className="mark-body"
        d="M12.2 7.2c1-1.9 2.7-2.9 4.7-2.9 2.9 0 5 2.1 5 4.9 0 2.5-1.5 4.1-3.1 5.7-.9.9-1.7 1.7-2 2.7 2.8-1.8 6.6-2.3 9.9-1.1.7.3.8 1.1.2 1.5-.9.6-1.6 1.3-2.1 2.2 1 .1 1.2.9.7 1.6-2 2.8-5.2 4.5-9.3 4.5-6.3 0-10.5-3.5-10.5-7.7 0-3.1 2.1-5.2 4.7-7 1.8-1.2 3.2-2 3.2-3.2 0-.8-.6-1.4-1.4-1.4-.5 0-.9.2-1.3.6z"
      />
      <path className="mark-beak" d="M12.3 7.1c-1.6.1-3.2.8-4.5 1.9-.4.3-.2.9.3.9l3.6.2z" />
      <circle className="mark-tile" cx="16.3" cy="7.4" r="0.8" />
    </svg>
  );
}
