import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './console.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
// The name under which the package that stops the page from scrolling behind a dialog looks for it.
Object.assign(window, { __webpack_nonce__: nonce });

const root = document.getElementById('root');
if (root) createRoot(root).render(<App nonce={nonce} />);
