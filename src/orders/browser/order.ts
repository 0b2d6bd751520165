// Runs in the browser: follows one order and shows the section that fits its state.

interface OrderNews {
  status: string;
  standing: string;
}

const RETRY_MS = 2_000;
const FINAL = new Set(['done', 'failed', 'returned']);

const page = document.querySelector<HTMLElement>('#order');
if (page && !FINAL.has(page.dataset.standing ?? '')) follow(page);

function follow(element: HTMLElement): void {
  const { order, token } = element.dataset;
  const address = `/api/orders/${order}/events`;
  const read = async (): Promise<void> => {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok || !answer.body) throw new Error(`the server answered ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) show(element, message);
    }
  };
  const again = (): void => {
    if (!FINAL.has(element.dataset.standing ?? '')) setTimeout(start, RETRY_MS);
  };
  const start = (): void => void read().then(again, again);
  start();
}

function show(element: HTMLElement, message: string): void {
  const data = message
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
    .join('\n');
  if (data === '') return; // a comment that keeps the connection open
  const news = JSON.parse(data) as OrderNews;
  element.dataset.standing = news.standing;
  for (const section of element.querySelectorAll<HTMLElement>('[data-shown]')) {
    section.hidden = section.dataset.shown !== news.standing;
  }
  const status = element.querySelector('#status');
  if (status) status.textContent = news.status;
}

export {};
