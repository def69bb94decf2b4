import { createRoot } from 'react-dom/client';
import '../../../extensions/src/sharing/sharing.css';
import '../../../extensions/src/teaching/teaching.css';
import { App } from './app/App';
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
createRoot(document.getElementById('root')!).render(<App />);
