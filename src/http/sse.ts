const KEEP_OPEN_MS = 15_000;

/**
 * Answers with server-sent events (html.spec.whatwg.org, "Server-sent events"). `read` is asked every
 * `pollMs` and answers with the next message, or null when nothing is new; `last` ends the stream after it.
 */
export function eventStream(
  read: () => Promise<{ data: unknown; last: boolean } | null>,
  { pollMs, secondsMax, event }: { pollMs: number; secondsMax: number; event: string },
): Response {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const started = Date.now();
  let quietSince = started;
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const close = (): void => {
        if (!closed) controller.close();
        closed = true;
      };
      const tick = async (): Promise<void> => {
        const news = await read();
        if (closed) return;
        if (news) {
          controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(news.data)}\n\n`));
          quietSince = Date.now();
        } else if (Date.now() - quietSince > KEEP_OPEN_MS) {
          controller.enqueue(encoder.encode(': still here\n\n'));
          quietSince = Date.now();
        }
        if (news?.last || Date.now() - started > secondsMax * 1000) close();
        else timer = setTimeout(() => void tick().catch(close), pollMs);
      };
      void tick().catch(close);
    },
    cancel() {
      closed = true;
      clearTimeout(timer);
    },
  });
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}
