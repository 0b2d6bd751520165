/**
 * Runs every trigger of the real Stripe CLI against the simulator and prints what came of each.
 * `npm run test:triggers [-- 1.42.14|1.52.0 [NAME …]]`; exit status 0 only if every event was really seen.
 */
import { CLI_VERSIONS } from '../support/cli.ts';
import { TriggerBench, type Outcome } from './bench.ts';

const [named, ...wanted] = process.argv.slice(2);
const version = CLI_VERSIONS.find((each) => each === named) ?? '1.42.14';
const bench = await TriggerBench.start(version);
const outcomes: Outcome[] = [];
try {
  const names = wanted.length > 0 ? wanted : await bench.names();
  for (const name of names) {
    const outcome = await bench.run(name);
    outcomes.push(outcome);
    process.stdout.write(`${line(outcome)}\n`);
  }
} finally {
  await bench.close();
}
const good = outcomes.filter(({ passed, seen }) => passed && seen).length;
process.stdout.write(`\nCLI ${version}: ${good} of ${outcomes.length} passed and were seen\n`);
process.exitCode = good === outcomes.length ? 0 : 1;

function line({ name, passed, seen, waited, note }: Outcome): string {
  const verdict = `${passed ? 'passed' : 'FAILED'} ${seen ? 'seen  ' : 'UNSEEN'}`;
  const clock = waited > 0 ? ` (clock moved ${waited} s)` : '';
  return `${verdict} ${name}${clock}${note === '' ? '' : `: ${note}`}`;
}
