/**
 * Measures the simulator: how many confirmed payments it takes a second, whether that stays so when much is
 * stored, and how long reading takes then. `npm run bench:simulator` takes about a minute and 2.5 GB.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { freePort } from './processes.ts';
import type { SimulatorLoad, SimulatorOrder } from './simulator-load.ts';

const BIN = 'bin/quittance.js';
/** Each leaves eight objects more behind: charge, balance transaction, events, … */
const PAYMENTS = 100_000;
const CONNECTIONS = 16;
/** Both processes are compiled while they run; before this many payments nothing is measured. */
const WARM_UP = 3_000;
const BATCH = 1_000;
/** One batch takes less than half a second, in which anything may disturb it: the median of some counts. */
const BATCHES = 5;
const READS = 1_000;

const GOALS = { perSecond: 1_500, slowdown: 1.3, readMs: 5 };

const note = (text: string): void => void process.stderr.write(`${text}\n`);
const port = await freePort();
const simulator = fork(BIN, ['simulator', '--port', String(port)], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const load = fork(fileURLToPath(new URL('simulator-load.js', import.meta.url)), [String(port)]);
try {
  await Promise.all([answering(), message(load)]);
  await measure();
} finally {
  load.kill();
  simulator.kill();
}

async function measure(): Promise<void> {
  note('warming up …');
  await order({ work: 'pay', count: WARM_UP, connections: CONNECTIONS });
  note('the first thousands …');
  const first = await batches();
  note(`filling up to ${PAYMENTS.toLocaleString('en')} payments …`);
  const count = PAYMENTS - WARM_UP - 2 * BATCH * BATCHES;
  const filling = await order({ work: 'pay', count, connections: CONNECTIONS });
  note('the last thousands …');
  const last = await batches();
  const objects = await stored();
  const list = await order({ work: 'list', count: READS, connections: 1 });
  const retrieve = await order({ work: 'retrieve', count: READS, connections: 1 });
  report({ first, filling, last, objects, list, retrieve });
}

interface Measured {
  first: number;
  filling: SimulatorLoad;
  last: number;
  objects: number;
  list: SimulatorLoad;
  retrieve: SimulatorLoad;
}

function report({ first, filling, last, objects, list, retrieve }: Measured): void {
  const [cpu] = cpus();
  const slowdown = first / last;
  const reads = Math.max(list.p99Ms, retrieve.p99Ms);
  process.stdout.write(
    `\nNode ${process.version}, ${cpus().length} cores (${cpu?.model.trim()}), the client on the same ` +
      `cores, ${CONNECTIONS} connections\n\n`,
  );
  const rate = `${filling.perSecond.toLocaleString('en')}/s, ${times(filling)}`;
  line('POST /v1/payment_intents with confirm', rate, '1,500/s', filling.perSecond >= GOALS.perSecond);
  line(
    `the last of ${PAYMENTS.toLocaleString('en')} payments, ${objects.toLocaleString('en')} objects`,
    `${last.toLocaleString('en')}/s after ${first.toLocaleString('en')}/s at first: ` +
      `${slowdown.toFixed(2)} times as long`,
    `within ${GOALS.slowdown} times`,
    slowdown <= GOALS.slowdown,
  );
  line(
    'list and retrieve at that size',
    `list ${times(list)}; retrieve ${times(retrieve)}`,
    `p99 under ${GOALS.readMs} ms`,
    reads < GOALS.readMs,
  );
}

function line(name: string, measured: string, goal: string, reached: boolean): void {
  process.stdout.write(`${name}\n    ${measured}\n    ${reached ? 'reached' : 'NOT REACHED'}: ${goal}\n`);
  if (!reached) process.exitCode = 1;
}

function times({ p50Ms, p99Ms }: SimulatorLoad): string {
  return `p50 ${p50Ms} ms, p99 ${p99Ms} ms`;
}

/** Payments a second in the median batch. */
async function batches(): Promise<number> {
  const rates: number[] = [];
  for (let n = 0; n < BATCHES; n += 1)
    rates.push((await order({ work: 'pay', count: BATCH, connections: CONNECTIONS })).perSecond);
  return rates.toSorted((a, b) => a - b)[Math.floor(BATCHES / 2)] ?? 0;
}

async function order(work: SimulatorOrder): Promise<SimulatorLoad> {
  const report = message<SimulatorLoad>(load);
  load.send(work);
  return report;
}

async function stored(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/_sim/api`);
  return ((await answer.json()) as { objects: number }).objects;
}

async function answering(): Promise<void> {
  while (simulator.exitCode === null)
    try {
      await stored();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  throw new Error('the simulator ended before it answered');
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the load generator ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}
