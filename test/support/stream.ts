/** A stream of server-sent events that is read as it comes. */
export interface OpenStream {
  /** The data of the next event of this name; others are passed over. */
  next: <Data>(event: string) => Promise<Data>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  close: () => Promise<void>;
}

/** Reads the stream of a response. */
export function readStream(response: Response): OpenStream {
  if (!response.ok || !response.body) throw new Error(`no stream: ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const arrived: { event: string; data: unknown }[] = [];
  let wake = (): void => {};
  let isOver = false;
  const pump = async (): Promise<void> => {
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      arrived.push(...blocks.flatMap(readBlock));
      wake();
    }
  };
  const ended = pump()
    .catch(() => {})
    .finally(() => {
      isOver = true;
      wake();
    });
  const next = async <Data>(event: string): Promise<Data> => {
    for (;;) {
      for (let found = arrived.shift(); found; found = arrived.shift()) {
        if (found.event === event) return found.data as Data;
      }
      if (isOver) throw new Error(`the stream ended before "${event}" came`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { next, ended, close: () => reader.cancel() };
}

function readBlock(block: string): { event: string; data: unknown }[] {
  const event = /^event: (.*)$/m.exec(block)?.[1];
  const data = /^data: (.*)$/m.exec(block)?.[1];
  return event !== undefined && data !== undefined ? [{ event, data: JSON.parse(data) }] : [];
}
