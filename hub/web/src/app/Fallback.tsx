import { Component, type ReactNode } from 'react';
import { t } from '@cygnet/texts';
import { Button } from '../ui/Button';
import { Empty } from '../ui/states';

/** A mistake of the site's own must not leave the person before an empty page. */
export class Fallback extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="lock">
        <Empty icon="warning" title={t('This page has stopped')}>
          <p>{t('Your files are safe. Load the page again to go on.')}</p>
          <Button look="primary" onClick={() => location.reload()}>{t('Load again')}</Button>
        </Empty>
      </main>
    );
  }
}
