/** What may be done with an entry, by its ownCloud permission letters. */

import type { Node } from '../api/types';

export const mayDelete = (node: Node): boolean => node.permissions.includes('D');
export const mayRename = (node: Node): boolean => node.permissions.includes('N');
export const mayMove = (node: Node): boolean => node.permissions.includes('V');
export const mayShare = (node: Node): boolean => node.permissions.includes('R');
export const mayWrite = (file: Node): boolean => file.permissions.includes('W');
/** Into this folder new things may be put. */
export const mayAdd = (folder: Node): boolean => folder.permissions.includes('C');
/** It came from somebody else. */
export const isForeign = (node: Node): boolean => node.permissions.includes('S') || node.permissions.includes('M');
