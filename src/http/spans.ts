import {
  context,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { redact } from '../log.ts';

const TRACER = 'quittance';

/** Where a request says that it is part of a trace (w3.org/TR/trace-context). */
export interface TraceHeaders {
  traceparent?: string | null;
  tracestate?: string | null;
}

/**
 * Where a span belongs: under the one that runs; under the one that a row tells of, or none; or as a request
 * has it, where the span of our host comes before what the sender says.
 */
type Parent = 'current' | { traceparent: string | null } | { request: TraceHeaders };

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
  /** Whether anybody listens. */
  readonly isHeard: boolean;
  set(attributes: Attributes): void;
  /** Its name is known only now. */
  rename(name: string): void;
  /** It did not do what it was to do, and did not throw. */
  failed(why: string): void;
}

/**
 * Runs `work` in a span (opentelemetry.io/docs/concepts/signals/traces). What it throws is recorded, unless
 * `expected` says that it is no failure. While no tracer is registered this costs a look: 0.2 µs.
 */
export function inSpan<T>(
  name: string,
  { kind, attributes = {}, parent = 'current' }: SpanOptions,
  work: (told: Told) => Promise<T>,
  expected: (error: unknown) => boolean = () => false,
): Promise<T> {
  const tracer = findTracer();
  if (!tracer) return work(UNTOLD);
  const under = contextOf(parent);
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, under);
  return context.with(trace.setSpan(under, span), async () => {
    try {
      return await work({
        isHeard: true,
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

/** The running span as a `traceparent` header (W3C Trace Context); null while nobody traces. */
export function currentTraceparent(): string | null {
  if (!trace.getActiveSpan()) return null;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** Null while nobody has registered one. */
function findTracer(): Tracer | null {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return provider.getTracer(TRACER);
  return provider.getDelegateTracer(TRACER) ?? null;
}

const UNTOLD: Told = { isHeard: false, rename: () => {}, set: () => {}, failed: () => {} };

function contextOf(parent: Parent): Context {
  if (parent === 'current' || ('request' in parent && trace.getActiveSpan())) return context.active();
  const { traceparent, tracestate }: TraceHeaders = 'request' in parent ? parent.request : parent;
  if (!traceparent) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, { traceparent, ...(tracestate ? { tracestate } : {}) });
}

function recordFailure(span: Span, error: unknown): void {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  span.recordException({ name, message: redact(message), stack: redact(stack) });
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: redact(message) });
}
