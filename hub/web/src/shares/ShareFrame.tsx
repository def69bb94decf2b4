import { Publish } from '@cygnet/gallery';
import { HandOut } from '@cygnet/teaching';
import { ShareDialog, type ShareItem, type SharingClient } from '@cygnet/sharing';
import { useMemo } from 'react';
import { t } from '@cygnet/texts';
import { teachingClient } from '../classes/ClassesView';
import { galleryClient } from '../gallery/api';
import { Dialog } from '../ui/Dialog';

interface Props {
  client: SharingClient;
  item: ShareItem;
  onChange: () => void;
  onClose: () => void;
}

/** The share dialog that notebooks have too, in a frame of this site. */
export function ShareFrame({ client, item, onChange, onClose }: Props): JSX.Element {
  const { path, name, kind } = item;
  const teaching = useMemo(teachingClient, []);
  const gallery = useMemo(galleryClient, []);
  return (
    <Dialog title={t('Share “{name}”', { name })} onClose={onClose} wide>
      <ShareDialog client={client} item={{ path, name, kind }} onChange={onChange} />
      <HandOut client={teaching} path={path} />
      <Publish client={gallery} path={path} />
    </Dialog>
  );
}
