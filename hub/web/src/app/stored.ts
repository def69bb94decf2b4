import { useState } from 'react';

/** State that outlives the visit: small preferences only. */
export function useStored<T>(key: string, initial: T, valid: (value: unknown) => value is T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(`cygnet-${key}`) ?? 'null');
      return valid(stored) ? stored : initial;
    } catch {
      return initial; // written by an older site
    }
  });
  const keep = (next: T): void => {
    localStorage.setItem(`cygnet-${key}`, JSON.stringify(next));
    setValue(next);
  };
  return [value, keep];
}
