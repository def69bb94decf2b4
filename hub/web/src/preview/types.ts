import type { FileSource } from '../api/files';
import type { Node } from '../api/types';

export interface PreviewProps {
  node: Node;
  source: FileSource;
}
