import { ElementFrame } from './frame-element.ts';
import { MARK, isOurs, type FrameCall, type FrameEvent } from './protocol.ts';

// Runs inside the iframe of a Stripe Element. Card numbers are typed here and go from here to the API.

start();

function start(): void {
  const root = document.querySelector<HTMLElement>('[data-element]');
  const parentOrigin = new URLSearchParams(location.search).get('parent') ?? '';
  if (!root || parentOrigin === '') return;
  const send = (event: FrameEvent['event'], detail: Record<string, unknown> = {}): void =>
    parent.postMessage({ mark: MARK, event, detail } satisfies FrameEvent, parentOrigin);
  const frame = new ElementFrame(root, send);
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== parent || origin !== parentOrigin || !isOurs(data) || !('call' in data)) return;
    const { call, method, args } = data as FrameCall;
    void frame
      .run(method, args)
      .then((result) => parent.postMessage({ mark: MARK, answer: call, result }, parentOrigin));
  });
  new ResizeObserver(() => send('height', { height: root.scrollHeight + 4 })).observe(root);
  send('ready');
}
