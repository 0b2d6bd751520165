import { sumReadings, type Metrics, type MetricsReport } from '../http/metrics.ts';
import type { Message } from './serve.ts';

const REPORT_MS = 2_000;

type Role = 'web' | 'work';

/**
 * In a child: tells the parent what it counts, and lets the web process show what the others do. Call it
 * before the server listens: the parent's first message waits in the pipe, and no scrape must overtake it.
 */
export function shareMetrics(metrics: Metrics, role: Role): void {
  const tell = (report: MetricsReport): Promise<void> =>
    new Promise((resolve) => {
      if (!process.connected || !process.send) return resolve();
      const message: Message = { kind: 'metrics', report };
      process.send(message, () => resolve()); // a parent that is gone stops us by 'disconnect'
    });
  metrics.role = role;
  if (role === 'web') {
    process.on('message', (message: Message) => {
      if (message.kind === 'metrics') metrics.others = message.report;
    });
    // What was shown must not be less after a restart, so the parent knows it first.
    metrics.onShow = (counted) => tell({ counted, process: [] });
  }
  // Measuring a process resets the lag of its event loop, so the web process's is left to those who scrape.
  const report = async (): Promise<MetricsReport> =>
    role === 'web' ? { counted: await metrics.counted(), process: [] } : metrics.report();
  setInterval(() => void report().then(tell), REPORT_MS).unref();
}

/** One child, from its start to the end of its messages. */
interface Account {
  role: Role;
  report: MetricsReport;
}

/**
 * In the parent: adds up what the children say, those that died included, and tells the web process what it
 * can not know by itself. A counter that fell would be taken for a restart, and all of it counted again.
 */
export class MetricsRelay {
  readonly #tellWeb: (report: MetricsReport) => void;
  readonly #accounts = new Set<Account>();
  #past: MetricsReport['counted'] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(tellWeb: (report: MetricsReport) => void) {
    this.#tellWeb = tellWeb;
  }

  /** A child was started: its reports go into what this returns, and `close` keeps the last of them. */
  open(role: Role): { heard: (report: MetricsReport) => void; close: () => void } {
    const account: Account = { role, report: { counted: [], process: [] } };
    this.#accounts.add(account);
    if (role === 'web') this.#pass();
    return {
      heard: (report) => {
        account.report = report;
        if (role === 'work') this.#pass();
      },
      close: () => {
        this.#turn = this.#turn.then(async () => {
          this.#past = await sumReadings([this.#past, account.report.counted]);
          this.#accounts.delete(account);
        });
        this.#pass();
      },
    };
  }

  #pass(): void {
    this.#turn = this.#turn.then(async () => {
      const accounts = [...this.#accounts];
      const web = accounts.findLast(({ role }) => role === 'web');
      const others = accounts.filter((account) => account !== web).map(({ report }) => report);
      const counted = await sumReadings([this.#past, ...others.map((report) => report.counted)]);
      this.#tellWeb({ counted, process: others.flatMap((report) => report.process) });
    });
  }
}
