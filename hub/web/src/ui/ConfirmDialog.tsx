import type { ReactNode } from 'react';
import { t } from '@cygnet/texts';
import { Button } from './Button';
import { Dialog, DialogActions } from './Dialog';

interface Props {
  title: string;
  /** what the button says that does it */
  action: string;
  danger?: boolean;
  children: ReactNode;
  onAnswer: (sure?: boolean) => void;
}

/** Asks before something that cannot be taken back, or that was perhaps not meant. */
export function ConfirmDialog({ title, action, danger = false, children, onAnswer }: Props): JSX.Element {
  return (
    <Dialog title={title} onClose={() => onAnswer()}>
      {children}
      <DialogActions>
        <Button look="quiet" data-first={danger || undefined} onClick={() => onAnswer()}>{t('Cancel')}</Button>
        <Button look={danger ? 'danger' : 'primary'} data-first={!danger || undefined} onClick={() => onAnswer(true)}>{action}</Button>
      </DialogActions>
    </Dialog>
  );
}
