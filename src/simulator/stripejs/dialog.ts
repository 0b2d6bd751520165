import { Frame } from './frame.ts';
import type { FrameEvent } from './protocol.ts';

interface DialogFrame {
  url: string;
  title: string;
  /** The frame's number on the page. */
  number: number;
}

/**
 * Shows a frame over the shop's page until `on` returns something for one of its events, and resolves with
 * that.
 */
export function showDialog<T>(
  { url, title, number }: DialogFrame,
  on: (event: FrameEvent, frame: HTMLIFrameElement) => T | undefined,
): Promise<T> {
  return new Promise((resolve) => {
    const dialog = document.createElement('div');
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-modal', 'true');
    dialog.setAttribute('aria-label', title);
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
    const frame = new Frame(url, title, number, (event) => {
      // What is higher than the window scrolls in itself.
      const height = Number(event.detail['height']);
      if (event.event === 'height') frame.iframe.style.height = `min(${height}px, 90vh)`;
      const ended = on(event, frame.iframe);
      if (ended === undefined) return;
      frame.remove();
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(ended);
    });
    Object.assign(frame.iframe.style, {
      background: '#fff',
      borderRadius: '8px',
      height: 'min(560px, 90vh)',
      maxWidth: '440px',
    });
    dialog.append(frame.iframe);
    document.body.append(dialog);
    frame.iframe.focus();
  });
}

/** Shows the bank's page over the shop's and resolves once the buyer has answered there. */
export async function authenticateInDialog(url: string, number: number): Promise<void> {
  const frame = { url: `${url}&frame=dialog`, title: '3-D Secure challenge', number };
  await showDialog(frame, ({ event }) => (event === 'authenticated' ? true : undefined));
}
