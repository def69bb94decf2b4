import { createRoot } from 'react-dom/client';
import '../../../extensions/src/sharing/sharing.css';
import '../../../extensions/src/teaching/teaching.css';
import '../../../extensions/src/inbox/inbox.css';
import { App } from './app/App';
import { startLanguage } from './app/language';
import { startTheme } from './app/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/list.css';
import './styles/dialogs.css';
import './styles/preview.css';
import './styles/pages.css';

startTheme();
await startLanguage();
createRoot(document.getElementById('root')!).render(<App />);
