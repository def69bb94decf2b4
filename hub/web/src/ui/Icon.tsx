/** Line icons on a grid of 24, drawn for Cygnet. */

const PATHS = {
  add: 'M12 5v14M5 12h14',
  bell: 'M12 3.5a5.5 5.5 0 00-5.5 5.5v4L4.5 17h15l-2-4V9A5.5 5.5 0 0012 3.5zM9.8 19.5a2.3 2.3 0 004.4 0',
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  device: 'M4 5h16v11H4zM2.5 19.5h19',
  down: 'M6 9l6 6 6-6',
  download: 'M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 19.5h14',
  external: 'M14 4h6v6M20 4l-9 9M18 14v5.5H4.5V6H10',
  folder: 'M3.5 6.5A1.5 1.5 0 015 5h4.5l2 2.5H19a1.5 1.5 0 011.5 1.5v9A1.5 1.5 0 0119 19.5H5A1.5 1.5 0 013.5 18z',
  globe: 'M12 21a9 9 0 100-18 9 9 0 000 18zM3.5 9.5h17M3.5 14.5h17M12 3c2.6 2.6 3.8 5.6 3.8 9s-1.2 6.4-3.8 9c-2.6-2.6-3.8-5.6-3.8-9s1.2-6.4 3.8-9z',
  help: 'M9.3 9.2a2.8 2.8 0 115 1.7c-1 1-2.3 1.5-2.3 3.1M12 17.5v.01M12 21a9 9 0 100-18 9 9 0 000 18z',
  history: 'M4.5 12a7.5 7.5 0 102.2-5.3L4.5 9M4.5 4.5V9H9M12 8v4.5l3 2',
  link: 'M10 14a4 4 0 006 .4l3-3a4.1 4.1 0 00-5.8-5.8l-1.4 1.4M14 10a4 4 0 00-6-.4l-3 3a4.1 4.1 0 005.8 5.8l1.4-1.4',
  list: 'M4 6.5h16M4 12h16M4 17.5h16',
  logout: 'M14 4.5H5.5v15H14M10 12h10.5m0 0L17 8.5m3.5 3.5L17 15.5',
  moon: 'M19.5 14.5A8 8 0 019.5 4.5a8 8 0 1010 10z',
  more: 'M12 6v.01M12 12v.01M12 18v.01',
  move: 'M4 12h14m0 0l-4.5-4.5M18 12l-4.5 4.5M21 5v14',
  next: 'M9 5l7 7-7 7',
  notebook: 'M7 3.5h11.5v17H7zM4.5 7.5H9M4.5 12H9M4.5 16.5H9M13 8h3',
  refresh: 'M19.5 12a7.5 7.5 0 11-2.2-5.3L19.5 9M19.5 4.5V9H15',
  rename: 'M5 19l.8-3.6L16.5 4.7l2.8 2.8L8.6 18.2zM14 7.2l2.8 2.8',
  school: 'M12 5L2.5 9.5 12 14l9.5-4.5zM6.5 11.5V16c1.5 1.7 3.3 2.5 5.5 2.5s4-.8 5.5-2.5v-4.5M21.5 9.5V15',
  search: 'M11 18a7 7 0 100-14 7 7 0 000 14zM20.5 20.5L16 16',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 9.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM9 19.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z',
  share: 'M9.5 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM3 20c0-3.5 2.9-5.5 6.5-5.5 1.5 0 2.9.4 4 1M18.5 14v6M15.5 17h6',
  shared: 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c0-3.5 2.9-5.5 6.5-5.5s6.5 2 6.5 5.5M15.5 4.3a3.5 3.5 0 010 6.4M18 15c2 .7 3.5 2.4 3.5 5',
  sun: 'M12 16.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5',
  tiles: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h6v6h-6z',
  trash: 'M4.5 6.5h15M9.5 6V4h5v2M6.5 6.5l.8 13h9.4l.8-13M10 10.5v5.5M14 10.5v5.5',
  upload: 'M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 19.5h14',
  warning: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.01',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: what holds it says its name in words. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth={name === 'more' ? 2.6 : 1.7} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
