import { fail, ok, unknown, warn, type Checker, type Finding } from './check.ts';
import { readSharedGauges } from './gauge-rows.ts';
import { durationOf, type DoctorParts } from './parts.ts';
import { listProcesses, recentAlarms, reconcileAge } from './rows.ts';

const SILENT_SECONDS_MAX = 20;
const LAG_SECONDS_WARN = 60;
const RECONCILE_SECONDS_WARN = 15 * 60;
const RECONCILE_SECONDS_FAIL = 60 * 60;
const ALARMS_NAMED_MAX = 6;

type Gauges = (name: string, label?: string) => number;

/** Whether somebody works, and what waits for a person. */
export function processChecks(parts: DoctorParts): Checker[] {
  const { sql } = parts.database;
  let asked: Promise<Gauges> | undefined;
  const gauges = (): Promise<Gauges> => (asked ??= readGauges(parts));
  const group = 'Processes' as const;
  return [
    { id: 'processes', group, title: 'Heartbeats', run: () => heartbeatFinding(parts) },
    {
      id: 'job_worker',
      group,
      title: 'Jobs',
      run: async () => jobFinding(await gauges(), await listProcesses(sql)),
    },
    { id: 'drain', group, title: 'Events that wait', run: async () => drainFinding(await gauges()) },
    { id: 'set_aside', group, title: 'Events set aside', run: async () => asideFinding(await gauges()) },
    { id: 'reconcile', group, title: 'Comparison with Stripe’s list', run: () => reconcileFinding(parts) },
    { id: 'alarms', group, title: 'Alarms of the last day', run: async () => alarmFinding(parts) },
  ];
}

async function readGauges({ database }: DoctorParts): Promise<Gauges> {
  const values = await readSharedGauges(database.sql);
  return (name, label) =>
    (values.get(name) ?? []).find(
      ({ labels = {} }) => label === undefined || Object.values(labels).includes(label),
    )?.value ?? 0;
}

async function heartbeatFinding({ database }: DoctorParts): Promise<Finding> {
  const all = await listProcesses(database.sql);
  const living = all.filter(({ silent_seconds: silent }) => silent < SILENT_SECONDS_MAX);
  const [first] = living;
  if (!first) return fail('No process runs.', 'Start one: quittance start.');
  const oldest = durationOf(Math.max(...living.map(({ up_seconds: up }) => up)));
  const words = `${living.length} ${living.length === 1 ? 'runs' : 'run'}, the oldest for ${oldest}.`;
  const silent = all.length - living.length;
  if (silent === 0) return ok(words);
  return warn(
    `${words} ${silent} more say nothing.`,
    'They died or hang; others take over their work within 20 s.',
  );
}

function jobFinding(gauges: Gauges, processes: Awaited<ReturnType<typeof listProcesses>>): Finding {
  const workers = processes.filter(
    ({ works, silent_seconds: silent }) => works && silent < SILENT_SECONDS_MAX,
  );
  if (workers.length === 0) {
    const mend =
      'Look at the log of the work process; with mounted use, call start() without { work: false }.';
    return fail('Nobody runs jobs.', mend);
  }
  const [failed, lag] = [gauges('quittance_jobs', 'failed'), gauges('quittance_job_lag_seconds')];
  if (failed > 0) {
    return warn(
      `${failed} failed for the last time.`,
      'Look at the list of jobs, mend the cause, run them again.',
    );
  }
  if (lag > LAG_SECONDS_WARN) {
    return warn(
      `One has been due for ${durationOf(lag)}.`,
      'Look which job takes long, or start more processes.',
    );
  }
  return ok(`Run by ${workers.length} ${workers.length === 1 ? 'process' : 'processes'}, none is late.`);
}

function drainFinding(gauges: Gauges): Finding {
  const lag = gauges('quittance_drain_lag_seconds');
  const [due, retrying] = ['due', 'retrying'].map((state) => gauges('quittance_backlog_events', state)) as [
    number,
    number,
  ];
  const words = `${due} are due, ${retrying} wait for another attempt`;
  if (lag > LAG_SECONDS_WARN) {
    return fail(
      `${words}; one has been due for ${durationOf(lag)}.`,
      'Look whether the work process runs, and at what it does.',
    );
  }
  if (retrying > 0)
    return warn(`${words}.`, 'Each shows its error in the list of events, status "retrying".');
  return ok(`${words}.`);
}

function asideFinding(gauges: Gauges): Finding {
  const [dead, quarantined] = ['dead', 'quarantined'].map((status) =>
    gauges('quittance_set_aside_events', status),
  ) as [number, number];
  if (dead + quarantined === 0) return ok('None.');
  const words = `${dead} dead letters, ${quarantined} quarantined.`;
  return warn(words, 'Look at why in the list of events; mend the cause and replay them.');
}

async function reconcileFinding({ database, settings, livemode }: DoctorParts): Promise<Finding> {
  if (!settings.stripeSecretKey) return unknown('No Stripe key is configured.');
  const age = await reconcileAge(database.sql, livemode);
  const mend = 'Run "quittance reconcile", which says what is wrong.';
  if (age === null) return warn('It has never come to its end.', mend);
  const words = `Last done ${durationOf(age)} ago.`;
  if (age > RECONCILE_SECONDS_FAIL) return fail(words, mend);
  return age > RECONCILE_SECONDS_WARN ? warn(words, mend) : ok(words);
}

async function alarmFinding({ database, clock }: DoctorParts): Promise<Finding> {
  const alarms = await recentAlarms(database.sql);
  if (alarms.length === 0) return ok('None.');
  const words = alarms
    .slice(0, ALARMS_NAMED_MAX)
    .map(
      ({ code, last_at }) =>
        `${code} ${durationOf(Math.max(0, clock.now() - last_at.getTime()) / 1_000)} ago`,
    );
  return warn(`${words.join(', ')}.`, 'The table quittance.alarm and the log say what about.');
}
