import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { residentMiB, runLoad, runProgram, runServer, type Running } from './processes.ts';

const CONNECTIONS = 128;
const LATENCY_RATE = 1_000;
const SUSTAINED_RATE = 5_500;
const MEMORY_LIMIT_MIB = 300;

export interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
  pool: pg.Pool;
  /** Multiplies the number of events; below 1 for a quick look. */
  scale: number;
  note: (text: string) => void;
}

export interface Row {
  name: string;
  measured: string;
  /** Null for the references. */
  goal: string | null;
  reached: boolean;
}

const times = ({ scale }: Place, count: number): number => Math.max(2_000, Math.round(count * scale));

/** Requests a second of a program that takes the same events. */
async function rateOf(running: Running, path: string, run: string, count: number): Promise<number> {
  // Once to warm up: the first thousands run uncompiled.
  await runLoad({ port: running.port, path, run: `w${run}`, count: 5_000, connections: CONNECTIONS });
  const report = await runLoad({ port: running.port, path, run, count, connections: CONNECTIONS });
  if (report.refused > 0) throw new Error(`${report.refused} events were refused`);
  return report.perSecond;
}

export async function floorRow(place: Place): Promise<number> {
  const server = await runProgram('floor.js');
  const rate = await rateOf(server, '/', 'f', times(place, 150_000));
  await server.stop();
  return rate;
}

export async function todaysRow(place: Place): Promise<number> {
  const server = await runProgram('todays-way.js', { DATABASE_URL: place.env.DATABASE_URL as string });
  const rate = await rateOf(server, '/webhook', 't', times(place, 40_000));
  await server.stop();
  return rate;
}

export async function receiveRow(place: Place): Promise<number> {
  const web = await runServer('web', place.env, place.cwd);
  const rate = await rateOf(web, '/api/webhook', 'o', times(place, 150_000));
  await web.stop();
  return rate;
}

/** Works off what the row before has stored. */
export async function drainRow(place: Place): Promise<number> {
  await place.pool.query('vacuum analyze quittance.event, quittance.work');
  const backlog = await backlogOf(place.pool);
  const work = await runServer('work', place.env, place.cwd);
  const started = performance.now();
  while ((await backlogOf(place.pool)) > 0) await wait(20);
  const rate = Math.round(backlog / ((performance.now() - started) / 1000));
  await work.stop();
  return rate;
}

/** Receives and drains at once; true when the backlog did not grow from the first third to the last. */
export async function sustainedRow(place: Place): Promise<{ rate: number; early: number; late: number }> {
  const web = await runServer('web', place.env, place.cwd);
  const work = await runServer('work', place.env, place.cwd);
  const seconds = Math.max(6, 60 * place.scale);
  const count = Math.round(SUSTAINED_RATE * seconds);
  const load = runLoad({
    port: web.port,
    path: '/api/webhook',
    run: 's',
    count,
    connections: CONNECTIONS,
    rate: SUSTAINED_RATE,
  });
  const samples: number[] = [];
  const sampler = setInterval(() => void backlogOf(place.pool).then((size) => samples.push(size)), 1_000);
  const report = await load;
  clearInterval(sampler);
  if (report.refused > 0) throw new Error(`${report.refused} events were refused`);
  await Promise.all([web.stop(), work.stop()]);
  const third = Math.floor(samples.length / 3);
  return { rate: report.perSecond, early: mean(samples.slice(0, third)), late: mean(samples.slice(-third)) };
}

export async function latencyRow(place: Place): Promise<{ p50: number; p99: number; max: number }> {
  const web = await runServer('web', place.env, place.cwd);
  const work = await runServer('work', place.env, place.cwd);
  const order = { port: web.port, path: '/api/webhook', connections: CONNECTIONS, rate: LATENCY_RATE };
  await runLoad({ ...order, run: 'lw', count: 3_000 });
  const report = await runLoad({ ...order, run: 'l', count: times(place, 30_000) });
  await Promise.all([web.stop(), work.stop()]);
  return { p50: report.p50Ms, p99: report.p99Ms, max: report.maxMs };
}

/** Receives a million events and watches the server's resident memory. */
export async function memoryRow(
  place: Place,
): Promise<{ events: number; first: number; last: number; peak: number }> {
  const web = await runServer('web', place.env, place.cwd);
  const total = times(place, 1_000_000);
  const part = Math.min(100_000, total);
  const samples: number[] = [];
  for (let sent = 0; sent < total; sent += part) {
    const run = `m${sent / part}x`;
    await runLoad({ port: web.port, path: '/api/webhook', run, count: part, connections: CONNECTIONS });
    samples.push(residentMiB(web.pid));
    place.note(`  ${sent + part} events, ${samples.at(-1)} MiB`);
  }
  await web.stop();
  return {
    events: total,
    first: samples[0] as number,
    last: samples.at(-1) as number,
    peak: Math.max(...samples),
  };
}

export const limits = { LATENCY_RATE, SUSTAINED_RATE, MEMORY_LIMIT_MIB };

async function backlogOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::integer as count from quittance.work',
  );
  return rows[0]?.count ?? 0;
}

function mean(values: number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1));
}
