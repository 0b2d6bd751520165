/**
 * Times what the console asks for, over HTTP, on a seeded store of a million events: `npm run build`, then
 * `tsc -p tsconfig.bench.json` and `node .bench/bench/lists.js`. With DATABASE_URL it takes that database, as
 * `quittance seed` left it; else it seeds one of its own, for a few minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../src/db/embedded/start.ts';
import { runCommand, runServer } from './processes.ts';

const API_KEY = 'key-of-the-bench-of-lists';
const PLAN = ['--events', '1000000', '--orders', '200000', '--sellers', '500'];
const ROUNDS = 30;
const GOAL_MS = 300;
const DAY_MS = 86_400_000;

const day = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString();
const SELLER = 'acct_seed000003';

/** What is asked, by the words for it. */
const QUESTIONS: readonly [name: string, address: string][] = [
  ['events, newest first', '/api/events?order=desc&limit=50'],
  ['events, in the middle', '/api/events?order=desc&limit=50&after=500000'],
  ['events of the other mode', '/api/events?order=desc&limit=50&livemode=true'],
  ['by id', '/api/events?order=desc&limit=50&id=evt_seed000500000'],
  ['by the beginning of an id', '/api/events?order=desc&limit=50&id=evt_seed0005001'],
  ['of a type', '/api/events?order=desc&limit=50&type=charge.succeeded'],
  ['of a rare type', '/api/events?order=desc&limit=50&type=price.updated'],
  ['of types that begin alike', '/api/events?order=desc&limit=50&type=invoice.*'],
  ['of an object', '/api/events?order=desc&limit=50&object=pi_seed000100000'],
  ['of an account', `/api/events?order=desc&limit=50&account=${SELLER}`],
  ['of an account and a rare type', `/api/events?order=desc&limit=50&account=${SELLER}&type=payout.failed`],
  ['dead letters', '/api/events?order=desc&limit=50&status=dead'],
  ['dead letters in the middle', '/api/events?order=desc&limit=50&status=dead&after=500000'],
  ['dead letters of a rare type', '/api/events?order=desc&limit=50&status=dead&type=payout.failed'],
  ['put aside', '/api/events?order=desc&limit=50&status=quarantined'],
  ['retrying', '/api/events?order=desc&limit=50&status=retrying'],
  ['waiting', '/api/events?order=desc&limit=50&status=pending'],
  ['done, of types that begin alike', '/api/events?order=desc&limit=50&status=done&type=invoice.*'],
  ['of a day two months ago', `/api/events?order=desc&limit=50&from=${day(60)}&to=${day(59)}`],
  [
    'all filters at once',
    `/api/events?order=desc&limit=50&from=${day(100)}&account=${SELLER}&type=payout.*&status=dead`,
  ],
  ['one event', '/api/events/500000'],
  ['orders, newest first', '/api/orders?limit=50'],
  ['orders of a buyer', '/api/orders?limit=50&email=buyer77@example.com'],
  ['orders in review', '/api/orders?limit=50&status=review'],
  ['orders of an account', `/api/orders?limit=50&account=${SELLER}`],
  ['sellers', '/api/connect/sellers?limit=50'],
  ['disputes', '/api/disputes?limit=50'],
  ['today', '/api/today'],
  ['revenue of 90 days', '/api/revenue?days=90'],
  ['health', '/api/health'],
];

const folder = mkdtempSync(path.join(tmpdir(), 'quittance-lists-'));
const given = process.env.DATABASE_URL;
const embedded = given ? null : await startEmbedded({ dataDir: path.join(folder, 'data') });
try {
  const url = given ?? (embedded as { url: string }).url;
  if (!given) await seed(url);
  await measure(url);
} finally {
  await embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function seed(url: string): Promise<void> {
  const env = { PATH: process.env.PATH, DATABASE_URL: url };
  await runCommand(['migrate'], env, folder);
  await runCommand(['seed', ...PLAN], env, folder);
}

async function measure(url: string): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: url,
    QUITTANCE_API_KEY: API_KEY,
    QUITTANCE_SECRET: 'secret-of-the-bench',
    LOG_LEVEL: 'error',
  };
  const web = await runServer('web', env, folder);
  process.stdout.write(`${'question'.padEnd(36)}${'p50'.padStart(9)}${'p99'.padStart(9)}\n`);
  for (const [name, address] of QUESTIONS) {
    const times = await timesOf(`http://127.0.0.1:${web.port}${address}`);
    process.stdout.write(times === null ? `${name.padEnd(36)} not served\n` : row(name, times));
  }
  await web.stop();
}

function row(name: string, times: readonly number[]): string {
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] as number;
  if (at(0.5) > GOAL_MS) process.exitCode = 1;
  const cell = (ms: number): string => `${ms.toFixed(1)} ms`.padStart(9);
  return `${name.padEnd(36)}${cell(at(0.5))}${cell(at(0.99))}\n`;
}

/** In ascending order; null when this server does not know the address. */
async function timesOf(address: string): Promise<number[] | null> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const answer = await fetch(address, { headers: { authorization: `Bearer ${API_KEY}` } });
    await answer.arrayBuffer();
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b);
}
