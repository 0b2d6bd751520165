/**
 * Measures what the README claims, beside what people do today: one run, one machine, one after the other.
 * `npm run bench` takes about eight minutes; `npm run bench -- --quick` a tenth of the events.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../src/db/embedded/start.ts';
import { BODY_BYTES, SECRET } from './event.ts';
import {
  drainRow,
  floorRow,
  latencyRow,
  limits,
  memoryRow,
  receiveRow,
  sustainedRow,
  todaysRow,
} from './rows.ts';
import type { Place, Row } from './rows.ts';

const CONFIG = `export default {
  handlers: {
    'customer.updated': async ({ object, sql }) => {
      await sql\`insert into bench_customer (id, name) values (\${object.id}, \${object.name})
                 on conflict (id) do update set name = excluded.name, seen = bench_customer.seen + 1\`;
    },
  },
};
`;

const scale = process.argv.includes('--quick') ? 0.1 : 1;
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const folder = mkdtempSync(path.join(tmpdir(), 'quittance-bench-'));
const database = await startEmbedded({ dataDir: path.join(folder, 'data') });
try {
  writeFileSync(path.join(folder, 'quittance.config.mjs'), CONFIG);
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  await pool.query(
    'create table bench_customer (id text primary key, name text, seen integer not null default 1)',
  );
  const rows = await measure({ env: environment(database.url), cwd: folder, pool, scale, note });
  await pool.end();
  report(rows);
} finally {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}

function environment(databaseUrl: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    STRIPE_WEBHOOK_SECRET: SECRET,
    QUITTANCE_SECRET: 'secret-of-the-bench',
    LOG_LEVEL: 'error',
  };
}

async function measure(place: Place): Promise<Row[]> {
  note('floor …');
  const floor = await floorRow(place);
  note("today's way …");
  const today = await todaysRow(place);
  note('ours, receiving …');
  const ours = await receiveRow(place);
  note('ours, draining the backlog …');
  const drained = await drainRow(place);
  note('ours, receiving and draining at once …');
  const sustained = await sustainedRow(place);
  note('ours, latency …');
  const latency = await latencyRow(place);
  note('ours, memory …');
  const memory = await memoryRow(place);
  const { LATENCY_RATE, MEMORY_LIMIT_MIB } = limits;
  const steady = sustained.late <= sustained.early * 1.5 + 500;
  return [
    {
      name: 'floor: bare node:http + HMAC + JSON.parse, nothing stored',
      measured: perSecond(floor),
      goal: null,
      reached: true,
    },
    {
      name: "today's way: Express + express.raw + constructEvent + one INSERT each",
      measured: perSecond(today),
      goal: null,
      reached: true,
    },
    {
      name: 'ours, acknowledged after commit',
      measured:
        `${perSecond(ours)} (${(ours / today).toFixed(1)} x today's way, ` +
        `${percent(ours / floor)} of the floor)`,
      goal: "3 x today's way, 40 % of the floor",
      reached: ours >= 3 * today && ours >= 0.4 * floor,
    },
    {
      name: 'ours, draining a backlog, one upsert per event, 4 workers',
      measured: perSecond(drained),
      goal: '10,000/s',
      reached: drained >= 10_000,
    },
    {
      name: 'ours, receiving and draining at once for 60 s',
      measured: `${perSecond(sustained.rate)}, backlog ${sustained.early} early, ${sustained.late} late`,
      goal: '5,000/s, backlog not growing',
      reached: sustained.rate >= 5_000 && steady,
    },
    {
      name: `acknowledgement at ${LATENCY_RATE} events/s`,
      measured: `p50 ${latency.p50} ms, p99 ${latency.p99} ms, max ${latency.max} ms`,
      goal: 'p99 under 50 ms',
      reached: latency.p99 < 50,
    },
    {
      name: `resident memory while receiving ${memory.events.toLocaleString('en')} events`,
      measured: `${memory.first} MiB after the first tenth, ${memory.last} at the end, peak ${memory.peak}`,
      goal: `under ${MEMORY_LIMIT_MIB} MiB and flat`,
      reached: memory.peak < MEMORY_LIMIT_MIB && memory.last < memory.first * 1.25 + 20,
    },
  ];
}

function report(rows: Row[]): void {
  const [cpu] = cpus();
  process.stdout.write(
    `\nNode ${process.version}, ${cpus().length} cores (${cpu?.model.trim()}), ` +
      `PostgreSQL 18 on the same cores, events of ${BODY_BYTES} bytes${scale === 1 ? '' : ', QUICK RUN'}\n\n`,
  );
  for (const { name, measured, goal, reached } of rows) {
    process.stdout.write(`${name}\n    ${measured}\n`);
    if (goal) process.stdout.write(`    ${reached ? 'reached' : 'NOT REACHED'}: ${goal}\n`);
  }
  if (rows.some((row) => !row.reached)) process.exitCode = 1;
}

function perSecond(rate: number): string {
  return `${rate.toLocaleString('en')}/s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
