/** Light or dark: what the system says, unless the person chose here. */

import { useEffect, useState } from 'react';

export type Theme = 'light' | 'dark';
const KEY = 'cygnet-theme';

const system = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | null {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

function apply(theme: Theme | null): void {
  document.documentElement.style.colorScheme = theme ?? 'light dark';
}

/** Before the first paint. */
export function startTheme(): void {
  apply(chosen());
}

export function useTheme(): [now: Theme, toggle: () => void] {
  const [choice, setChoice] = useState(chosen);
  const [dark, setDark] = useState(system().matches);
  useEffect(() => {
    const media = system();
    const changed = (): void => setDark(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);
  const now = choice ?? (dark ? 'dark' : 'light');
  const toggle = (): void => {
    const next = now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEY, next);
    apply(next);
    setChoice(next);
  };
  return [now, toggle];
}
