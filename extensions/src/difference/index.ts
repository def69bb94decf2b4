export { CellList, type SideNames } from './CellList';
export type { CellDifference, Lines } from './types';
