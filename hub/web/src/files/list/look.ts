import type { Look } from './types';

export const isLook = (value: unknown): value is Look => value === 'table' || value === 'tiles';
