import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';

/** Draws a dialog that calls `close` with its answer; nothing means that the person went away from it. */
type Draw<T> = (close: (answer?: T) => void) => ReactNode;
export type OpenDialog = <T>(draw: Draw<T>) => Promise<T | undefined>;

const Context = createContext<OpenDialog>(() => Promise.resolve(undefined));

export const useDialogs = (): OpenDialog => useContext(Context);

interface Opened {
  key: number;
  content: ReactNode;
}

let lastKey = 0;

/** Lets any part of the site ask the person something and wait for the answer. */
export function Dialogs({ children }: { children: ReactNode }): JSX.Element {
  const [opened, setOpened] = useState<Opened[]>([]);
  const open = useCallback<OpenDialog>(
    draw =>
      new Promise(resolve => {
        const key = ++lastKey;
        const content = draw(answer => {
          setOpened(now => now.filter(one => one.key !== key));
          resolve(answer);
        });
        setOpened(now => [...now, { key, content }]);
      }),
    [],
  );
  return (
    <Context.Provider value={open}>
      {children}
      {opened.map(({ key, content }) => (
        <div key={key}>{content}</div>
      ))}
    </Context.Provider>
  );
}
