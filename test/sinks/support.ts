import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { sinksCommand } from '../../src/cli/sinks.ts';
import type { Database } from '../../src/db/database.ts';
import type { DeliveryRow } from '../../src/sinks/list-rows.ts';
import type { SinkOptions } from '../../src/sinks/settings.ts';
import { atEnd } from '../support/at-end.ts';
import { API_KEY, runQuittance, until, type Running } from '../support/quittance.ts';

/** What came to a receiver. */
interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  /** What came to this path. */
  at: (path: string) => Received[];
  /** How a path answers from now on; 200 when nothing was said. Null: never. */
  answer: (path: string, status: number | null) => void;
  /** Breaks the connections that wait for an answer, and all that come to a path without one. */
  drop: () => void;
}

/** A system of the user's, over real HTTP. */
export async function runReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers = new Map<string, number | null>();
  let drops = false;
  const respond = (path: string, response: ServerResponse): void => {
    const status = answers.get(path);
    if (status === null && drops) response.destroy();
    if (status === null) return;
    response.writeHead(status ?? 200, status === 302 ? { location: '/elsewhere' } : {});
    response.end();
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body });
      respond(path, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    at: (path) => received.filter((each) => each.path === path),
    answer: (path, status) => answers.set(path, status),
    drop: () => {
      drops = true;
      server.closeAllConnections();
    },
  };
}

export interface RunningSinks extends Running {
  /** Alarms so far: code and subject. */
  alarms: () => string[];
  /** What `/metrics` says of a sink: how many attempts ended how. */
  counts: (sink: string) => Promise<Record<string, number>>;
  sinksApi: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>;
  deliveriesOf: (sink: string, event: { id: string }) => Promise<DeliveryRow[]>;
  /** Resolves when the delivery has this status; no back-off is waited for. */
  untilStatus: (sink: string, event: { id: string }, status: string) => Promise<DeliveryRow>;
  untilAttempts: (sink: string, event: { id: string }, attempts: number) => Promise<DeliveryRow>;
}

/** A Quittance with sinks. */
export async function runSinks(
  { url, database }: { url: string; database: Database },
  sinks: SinkOptions[],
): Promise<RunningSinks> {
  const running = await runQuittance(url, { sinks });
  const sinksApi: RunningSinks['sinksApi'] = async (path, body, headers) =>
    fetch(`${running.url}${path}`, {
      headers: headers ?? { authorization: `Bearer ${API_KEY}` },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  return {
    ...running,
    alarms: () =>
      running.log
        .lines()
        .filter(({ alarm }) => alarm !== undefined)
        .map(({ alarm, subject }) => `${String(alarm)} ${String(subject)}`),
    counts: async (sink) => {
      const text = await (await fetch(`${running.url}/metrics`)).text();
      const lines = text.matchAll(/^quittance_sink_deliveries_total\{sink="(.+?)",result="(.+?)"\} (\d+)$/gm);
      const ours = [...lines].filter(([, name]) => name === sink);
      return Object.fromEntries(ours.map(([, , result, count]) => [result, Number(count)]));
    },
    sinksApi,
    ...deliveriesBy(sinksApi, database),
  };
}

function deliveriesBy(
  sinksApi: RunningSinks['sinksApi'],
  database: Database,
): Pick<RunningSinks, 'deliveriesOf' | 'untilStatus' | 'untilAttempts'> {
  const deliveriesOf = async (sink: string, event: { id: string }): Promise<DeliveryRow[]> => {
    const answer = await sinksApi(`/api/sinks/${sink}/deliveries?limit=1000`);
    const { data } = (await answer.json()) as { data: DeliveryRow[] };
    return data.filter((each) => each.event === event.id);
  };
  return {
    deliveriesOf,
    untilStatus: (sink, event, status) =>
      until(async () => {
        const [delivery] = await deliveriesOf(sink, event);
        if (delivery?.status === status) return delivery;
        await hurrySinks(database);
        return null;
      }, `${sink} to have ${event.id} as ${status}`),
    untilAttempts: (sink, event, attempts) =>
      until(async () => {
        const [delivery] = await deliveriesOf(sink, event);
        return delivery?.attempts === attempts && delivery;
      }, `${attempts} attempts of ${sink} with ${event.id}`),
  };
}

/** Makes everything that waits due, rests and back-offs over. */
async function hurrySinks({ sql }: Database): Promise<void> {
  await sql`delete from quittance.sink_rest`;
  await sql`update quittance.sink_delivery set next_attempt_at = now() where status = 'pending'`;
  await sql`update graphile_worker._private_jobs set run_at = now() where locked_by is null`;
  await sql`select pg_notify('jobs:insert', '{"r":"x","count":5}')`;
}

/** `quittance sinks …`; returns what it prints. */
export async function runCommand(databaseUrl: string, argv: string[]): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((...given: unknown[]) => {
    (given.at(-1) as () => void)();
    return true;
  });
  vi.stubEnv('DATABASE_URL', databaseUrl);
  try {
    await sinksCommand().exitOverride().parseAsync(argv, { from: 'user' });
    return written.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    written.mockRestore();
    vi.unstubAllEnvs();
  }
}
