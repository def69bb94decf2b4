import { LabIcon } from '@jupyterlab/ui-components';
import bell from '../style/icons/bell.svg';
import rootfile from '../style/icons/rootfile.svg';
import gallery from '../style/icons/gallery.svg';
import school from '../style/icons/school.svg';
import share from '../style/icons/share.svg';
import shared from '../style/icons/shared.svg';

export const shareIcon = new LabIcon({ name: 'cygnet:share', svgstr: share });
export const sharedIcon = new LabIcon({ name: 'cygnet:shared', svgstr: shared });
export const bellIcon = new LabIcon({ name: 'cygnet:bell', svgstr: bell });
export const rootFileIcon = new LabIcon({ name: 'cygnet:rootfile', svgstr: rootfile });
export const galleryIcon = new LabIcon({ name: 'cygnet:gallery', svgstr: gallery });
export const schoolIcon = new LabIcon({ name: 'cygnet:school', svgstr: school });
