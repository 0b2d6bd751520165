import {
  context,
  INVALID_TRACEID,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { redact } from '../log.ts';

const TRACER = 'quittance';

/** Where a span belongs: under the one that runs, under one told by a header or a row, or under none. */
export type Parent = 'current' | { traceparent: string | null; tracestate?: string | null };

/** Where a request says that it is part of a trace (w3.org/TR/trace-context). */
export interface TraceHeaders {
  traceparent?: string | null;
  tracestate?: string | null;
}

export interface SpanOptions {
  kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  attributes?: Attributes;
  /** Default: the span that runs. */
  parent?: Parent;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} satisfies Record<SpanOptions['kind'], SpanKind>;

/** What `work` may tell of itself; nothing is kept while nobody traces. */
export interface Told {
  set(attributes: Attributes): void;
  /** Its name is known only now. */
  rename(name: string): void;
  /** It did not do what it was to do, and did not throw. */
  failed(why: string): void;
}

/**
 * Runs `work` in a span (opentelemetry.io/docs/concepts/signals/traces). What it throws is recorded, unless
 * `expected` says that it is no failure. While no tracer is registered this costs a look at a number.
 */
export function inSpan<T>(
  name: string,
  { kind, attributes = {}, parent = 'current' }: SpanOptions,
  work: (told: Told) => Promise<T>,
  expected: (error: unknown) => boolean = () => false,
): Promise<T> {
  const under = contextOf(parent);
  const span = trace.getTracer(TRACER).startSpan(name, { kind: KINDS[kind], attributes }, under);
  if (span.spanContext().traceId === INVALID_TRACEID) return work(UNTOLD);
  return context.with(trace.setSpan(under, span), async () => {
    try {
      return await work({
        rename: (better) => void span.updateName(better),
        set: (more) => void span.setAttributes(more),
        failed: (why) => void span.setStatus({ code: SpanStatusCode.ERROR, message: redact(why) }),
      });
    } catch (error) {
      if (!expected(error)) recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Of a request: the span of our host, if it has one for it, else what the sender says. */
export function parentIn({ traceparent = null, tracestate = null }: TraceHeaders): Parent {
  return trace.getActiveSpan() ? 'current' : { traceparent, tracestate };
}

/** The running span as a `traceparent` header (W3C Trace Context); null while nobody traces. */
export function currentTraceparent(): string | null {
  if (!trace.getActiveSpan()) return null;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

const UNTOLD: Told = { rename: () => {}, set: () => {}, failed: () => {} };

function contextOf(parent: Parent): Context {
  if (parent === 'current') return context.active();
  if (parent.traceparent === null) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, {
    traceparent: parent.traceparent,
    ...(parent.tracestate ? { tracestate: parent.tracestate } : {}),
  });
}

function recordFailure(span: Span, error: unknown): void {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  span.recordException({ name, message: redact(message), stack: redact(stack) });
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: redact(message) });
}
