import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import type { Logger } from '../log.ts';
import { packageVersion } from '../version.ts';

const FLUSH_MS_MAX = 3_000;
const COMPLAINT_MS_MIN = 60_000;

export interface Tracing {
  /** Sends what is not sent yet, for at most 3 s. */
  stop(): Promise<void>;
}

/**
 * Sends the spans of this process to `OTEL_EXPORTER_OTLP_ENDPOINT`, or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`;
 * null without one. All other variables of OpenTelemetry count too (sampler, headers, service name):
 * opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables.
 */
export async function startTracing(
  env: NodeJS.ProcessEnv,
  { role, logger }: { role: string; logger: Logger },
): Promise<Tracing | null> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return null;
  // 150 ms and 20 MB that a server without tracing does not pay.
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  diag.setLogger(complaints(logger), DiagLogLevel.ERROR);
  const own = resources.resourceFromAttributes({
    'service.name': 'quittance',
    'service.version': packageVersion(),
    'quittance.role': role,
  });
  const detectors = [resources.hostDetector, resources.serviceInstanceIdDetector, resources.envDetector];
  const provider = new NodeTracerProvider({
    resource: resources.defaultResource().merge(own).merge(resources.detectResources({ detectors })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return { stop: () => stop(() => provider.shutdown()) };
}

async function stop(shutdown: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS_MAX);
  });
  // Whom nobody could be told is no reason to end badly.
  await Promise.race([shutdown().catch(() => {}), late]);
  clearTimeout(timer);
  for (const api of [trace, context, propagation, diag]) api.disable();
}

/** A collector that is away says so with every batch; once a minute is enough. */
function complaints(logger: Logger): Parameters<typeof diag.setLogger>[0] {
  let saidAt = Number.NEGATIVE_INFINITY;
  const nothing = (): void => {};
  const error = (why: string): void => {
    if (performance.now() - saidAt < COMPLAINT_MS_MIN) return;
    saidAt = performance.now();
    logger.warn({ component: 'tracing', why }, 'spans could not be sent');
  };
  return { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
}
