import { useCallback, useEffect, useLayoutEffect, useState, type RefObject } from 'react';

export interface Window {
  first: number;
  /** one past the last row to draw */
  end: number;
}

const BEYOND = 8; // rows drawn above and below what is seen, so that fast scrolling stays filled

/** Which of `count` rows of equal height have to be drawn in a scrolling element. */
export function useWindow(scroller: RefObject<HTMLElement>, count: number, rowHeight: number): Window {
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const measure = useCallback(() => {
    const element = scroller.current;
    if (element) setSeen({ top: element.scrollTop, height: element.clientHeight });
  }, [scroller]);
  useLayoutEffect(measure, [measure, count, rowHeight]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [scroller, measure]);
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - BEYOND);
  const end = Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + BEYOND);
  return { first: Math.min(first, Math.max(0, count - 1)), end };
}
