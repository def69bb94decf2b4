import { LabIcon } from '@jupyterlab/ui-components';
import share from '../style/icons/share.svg';
import shared from '../style/icons/shared.svg';

export const shareIcon = new LabIcon({ name: 'cygnet:share', svgstr: share });
export const sharedIcon = new LabIcon({ name: 'cygnet:shared', svgstr: shared });
