// Proxies give up on a connection that is silent for a minute.
const STILL_HERE_MS = 15_000;
// How long a browser waits before it comes back.
const RETRY_MS = 1_000;
// What may wait for a watcher who does not read. One who is further behind is cut off, and begins anew.
const UNREAD_BYTES_MAX = 1024 * 1024;

/** An open connection to somebody who watches. */
export interface EventStream {
  readonly response: Response;
  /** Tells of `event`; `json` is its data as JSON text. */
  send(event: string, json: string): void;
  close(): void;
}

/**
 * Opens a stream of server-sent events (html.spec.whatwg.org, "Server-sent events"). It says now and then
 * that it is still there, and ends after `secondsMax`: the browser comes back, and has to be let in again.
 * `onClose` is called once, whoever ended it.
 */
export function openStream(secondsMax: number, onClose: () => void = () => {}): EventStream {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const end = (): void => {
    clearInterval(pulse);
    clearTimeout(limit);
    if (!controller) return;
    controller = undefined;
    onClose();
  };
  const close = (): void => {
    const open = controller;
    end();
    open?.close();
  };
  const write = (text: string): void => {
    controller?.enqueue(encoder.encode(text));
    if (controller && (controller.desiredSize ?? 0) < 0) close();
  };
  const pulse = setInterval(() => write(': still here\n\n'), STILL_HERE_MS).unref();
  const limit = setTimeout(close, secondsMax * 1000).unref();
  const source = {
    start: (opened: ReadableStreamDefaultController<Uint8Array>) => void (controller = opened),
    cancel: end,
  };
  const stream = new ReadableStream(
    source,
    new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BYTES_MAX }),
  );
  write(`retry: ${RETRY_MS}\n\n`);
  return {
    response: new Response(stream, { headers: HEADERS }),
    send: (event, json) => write(`event: ${event}\ndata: ${json}\n\n`),
    close,
  };
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would keep the messages until it has a page of them.
  'x-accel-buffering': 'no',
};

/**
 * A stream for one watcher. `read` is asked every `pollMs` and answers with the next message, or null when
 * nothing is new; `last` ends the stream after it.
 */
export function eventStream(
  read: () => Promise<{ data: unknown; last: boolean } | null>,
  { pollMs, secondsMax, event }: { pollMs: number; secondsMax: number; event: string },
): Response {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const stream = openStream(secondsMax, () => {
    closed = true;
    clearTimeout(timer);
  });
  const tick = async (): Promise<void> => {
    const news = await read();
    if (news) stream.send(event, JSON.stringify(news.data));
    if (news?.last) stream.close();
    if (!closed) timer = setTimeout(() => void tick().catch(() => stream.close()), pollMs);
  };
  void tick().catch(() => stream.close());
  return stream.response;
}
