import { useEffect, useState, type RefObject } from 'react';
import type { Look } from './types';

// The style sheet gives rows and tiles these heights.
export const ROW_HEIGHT = 56;
export const TILE_HEIGHT = 196;
const TILE_WIDTH = 172;
const NARROW_TILE_WIDTH = 148;

/** How many tiles stand side by side; one for a table. */
export function useColumns(scroller: RefObject<HTMLElement>, look: Look): number {
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [scroller]);
  if (look === 'table') return 1;
  return Math.max(1, Math.floor(width / (width < 480 ? NARROW_TILE_WIDTH : TILE_WIDTH)));
}
