/** A mistake that somebody might make, as a change of the source, and the tests that must catch it. */
export interface Mutant {
  name: string;
  file: string;
  /** Exact text and what stands in its place. A text that is not found fails the run: the mutant is stale. */
  changes: readonly { from: string; to: string }[];
  /** The test files that must fail, and a text their failing tests' names hold. */
  tests: readonly string[];
  caughtBy: RegExp;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'acknowledge before the commit',
    file: 'src/events/webhook.ts',
    changes: [
      {
        from: 'await options.receiver.receive(arrival);',
        to: 'void options.receiver.receive(arrival).catch(() => {});',
      },
    ],
    tests: ['test/events/acknowledge.test.ts'],
    caughtBy: /case 1\b/,
  },
  {
    name: 'do nothing for duplicates',
    file: 'src/inbox/store.ts',
    changes: [
      {
        from: 'event_once do update set deliveries = e.deliveries + excluded.deliveries',
        to: 'event_once do nothing',
      },
      { from: 'if (!stored || stored.total !== rows.length)', to: 'if (!stored)' },
    ],
    tests: ['test/inbox/receive.test.ts', 'test/events/acknowledge.test.ts'],
    caughtBy: /duplicate/i,
  },
  {
    name: 'forget duplicates after 24 hours',
    file: 'src/inbox/store.ts',
    changes: [
      {
        from: 'e.xmax = 0 as fresh',
        to: "(e.xmax = 0 or e.received_at < now() - interval '24 hours') as fresh",
      },
    ],
    tests: ['test/inbox/duplicates.test.ts'],
    caughtBy: /case 24\b/,
  },
  {
    name: 'take the lock after the snapshot',
    file: 'src/inbox/worker.ts',
    changes: [
      {
        from: 'this.#keys = await claim(connection);',
        to: `
          const due = await connection.query('select distinct key from quittance.work where run_at <= now()');
          const early = await readRows(connection, due.rows.map((row) => row.key), {
            rowsPerKeyMax: ROWS_PER_KEY_MAX,
            handledTypes: this.#options.handlers.types(),
          });
          this.#keys = await claim(connection);
          connection.early = early.filter((row) => this.#keys.includes(row.key));`,
      },
      {
        from: `const rows = await readRows(connection, this.#keys, {
      rowsPerKeyMax: ROWS_PER_KEY_MAX,
      handledTypes: handlers.types(),
    });`,
        to: 'const rows = connection.early;',
      },
    ],
    tests: ['test/inbox/interleaving.test.ts'],
    caughtBy: /case 3[34]\b/,
  },
];
