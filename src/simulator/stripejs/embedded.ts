import { MARK, type FrameEvent } from './protocol.ts';

// In the frame of an embedded Checkout page: tells the page around it how high the frame is to be, and when
// the payment is complete. Neither is a secret.

const send = (event: FrameEvent['event'], detail: Record<string, unknown>): void =>
  parent.postMessage({ mark: MARK, event, detail } satisfies FrameEvent, '*');

new ResizeObserver(() => send('height', { height: document.body.scrollHeight })).observe(document.body);
const complete = document.querySelector<HTMLElement>('[data-complete]');
if (complete) send('complete', { target: complete.dataset['complete'] ?? '' });
