import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Metrics } from './metrics.ts';
import { inSpan, type Told } from './spans.ts';

const SERVER_ERROR = 500;
const EVENT_STREAM = 'text/event-stream';

/**
 * Counts requests and open streams, and runs each request in a span. Webhooks have their own, since most come
 * by a shorter way; health and metrics would only be noise.
 */
export function measured(metrics: Metrics): MiddlewareHandler {
  const streams = { open: 0 };
  metrics.gauge('quittance_streams_open', 'Server-sent events: streams that are open', [], () => [
    { value: streams.open },
  ]);
  return async (context, next) => {
    const { method, path, raw } = context.req;
    if (UNMEASURED.test(path)) return next();
    const begun = performance.now();
    const trace = { traceparent: raw.headers.get('traceparent'), tracestate: raw.headers.get('tracestate') };
    const attributes = { 'http.request.method': method };
    await inSpan(method, { kind: 'server', attributes, parent: { request: trace } }, async (told) => {
      await next();
      const route = routePath(context, -1);
      const { status, headers } = context.res;
      tell(told, { method, route, status });
      const seconds = (performance.now() - begun) / 1_000;
      metrics.requestSeconds.observe({ method, route, status: String(status) }, seconds);
      if (headers.get('content-type')?.startsWith(EVENT_STREAM)) context.res = counted(context.res, streams);
    });
    return undefined;
  };
}

const UNMEASURED = /^\/(?:api\/webhook(?:\/|$)|healthz$|readyz$|metrics$)/;

// The route is known only after it was found.
function tell(
  told: Told,
  { method, route, status }: { method: string; route: string; status: number },
): void {
  told.rename(`${method} ${route}`);
  told.set({ 'http.route': route, 'http.response.status_code': status });
  if (status < SERVER_ERROR) return;
  told.set({ 'error.type': String(status) });
  told.failed(`answered ${status}`);
}

/** The same response, counted as open until its stream ends or nobody reads it any more. */
function counted(response: Response, streams: { open: number }): Response {
  const { body } = response;
  if (!body) return response;
  streams.open += 1;
  let isOpen = true;
  const end = (): void => {
    if (isOpen) streams.open -= 1;
    isOpen = false;
  };
  const reader = body.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        end();
        throw error;
      });
      if (!done) return controller.enqueue(value);
      end();
      return controller.close();
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  });
  return new Response(stream, response);
}
