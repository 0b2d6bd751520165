import { Frame } from './frame.ts';

/** Shows the bank's page over the shop's and resolves once the buyer has answered there. */
export function authenticateInDialog(url: string, number: number): Promise<void> {
  return new Promise((resolve) => {
    const dialog = document.createElement('div');
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-modal', 'true');
    dialog.setAttribute('aria-label', '3-D Secure');
    Object.assign(dialog.style, {
      position: 'fixed',
      inset: '0',
      zIndex: '2147483647',
      background: 'rgba(26, 31, 54, 0.6)',
      display: 'grid',
      placeItems: 'center',
      padding: '16px',
    });
    const before = document.activeElement;
    const frame = new Frame(`${url}&frame=dialog`, '3-D Secure challenge', number, ({ event }) => {
      if (event !== 'authenticated') return;
      frame.remove();
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve();
    });
    Object.assign(frame.iframe.style, {
      background: '#fff',
      borderRadius: '8px',
      height: 'min(460px, 90vh)',
      maxWidth: '440px',
    });
    dialog.append(frame.iframe);
    document.body.append(dialog);
    frame.iframe.focus();
  });
}
