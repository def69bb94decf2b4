import type { ReactNode } from 'react';
import { t } from '@cygnet/texts';
import { Button } from '../ui/Button';
import { Dialog, DialogActions } from '../ui/Dialog';
import { useDialogs } from '../ui/dialogs';
import { Icon } from '../ui/Icon';
import { useToasts } from '../ui/toasts';

/** Words for taking a credential back: what is done, what follows from it, and what is said afterwards. */
export interface Taking {
  verb: string;
  /** the verb with what it is about */
  about: string;
  question: string;
  consequence: string;
  done: string;
}

/** One app password or access key in its list; it is taken back after a question. */
export function CredentialCard({ label, taking, takeBack, children }: {
  label: string;
  taking: Taking;
  takeBack: () => Promise<void>;
  children: ReactNode;
}): JSX.Element {
  const say = useToasts();
  const openDialog = useDialogs();
  const ask = async (): Promise<void> => {
    const sure = await openDialog<boolean>(close => <Question taking={taking} onAnswer={close} />);
    if (!sure) return;
    await takeBack();
    say({ text: taking.done });
  };
  return (
    <li className="card">
      <span className="round"><Icon name="device" /></span>
      <div className="card-text">
        <strong>{label}</strong>
        {children}
      </div>
      <div className="card-actions">
        <Button look="quiet" aria-label={taking.about} onClick={() => void ask().catch(say.problem)}>{taking.verb}</Button>
      </div>
    </li>
  );
}

function Question({ taking, onAnswer }: {
  taking: Taking;
  onAnswer: (sure?: boolean) => void;
}): JSX.Element {
  return (
    <Dialog title={taking.question} onClose={() => onAnswer()}>
      <p>{taking.consequence}</p>
      <DialogActions>
        <Button look="quiet" data-first onClick={() => onAnswer()}>{t('Keep it')}</Button>
        <Button look="danger" onClick={() => onAnswer(true)}>{taking.verb}</Button>
      </DialogActions>
    </Dialog>
  );
}
