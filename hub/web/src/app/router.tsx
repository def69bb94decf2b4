import { createContext, useCallback, useContext, useEffect, useMemo, useState, type AnchorHTMLAttributes, type ReactNode } from 'react';
import { format, parse, type Route } from './routes';

interface Router {
  route: Route;
  go: (route: Route, how?: { replace: boolean }) => void;
}

const Context = createContext<Router>({ route: { view: 'missing' }, go: () => undefined });

export const useRouter = (): Router => useContext(Context);

const here = (): Route => parse(location.pathname + location.search);

export function RouterProvider({ children }: { children: ReactNode }): JSX.Element {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const back = (): void => setRoute(here());
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, []);
  const go = useCallback((to: Route, how?: { replace: boolean }) => {
    history[how?.replace ? 'replaceState' : 'pushState'](null, '', format(to));
    setRoute(to);
  }, []);
  const value = useMemo(() => ({ route, go }), [route, go]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: Route;
}

/** A real link (middle click and "copy address" work) that changes the page without loading it anew. */
export function Link({ to, onClick, ...rest }: LinkProps): JSX.Element {
  const { go } = useRouter();
  return (
    <a
      href={format(to)}
      {...rest}
      onClick={event => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    />
  );
}
