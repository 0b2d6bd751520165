import { MARK, type FrameEvent } from './protocol.ts';

// In the dialog with the bank's page, once the buyer has answered: tells the page around it. It learns only
// the intent's id, so any origin may hear it.

const answered = document.querySelector<HTMLElement>('[data-authenticated]');
if (answered) {
  const detail = { intent: answered.dataset['authenticated'] };
  parent.postMessage({ mark: MARK, event: 'authenticated', detail } satisfies FrameEvent, '*');
}
