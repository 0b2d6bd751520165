import { Command } from 'commander';
import { demoCommand } from './demo/command.ts';
import { devCommand } from './dev.ts';
import { doctorCommand } from './doctor.ts';
import { eventsCommand } from './events.ts';
import { migrateCommand } from './migrate.ts';
import { operatorsCommand } from './operators.ts';
import { watchOutput } from './output.ts';
import { reconcileCommand } from './reconcile.ts';
import { report } from './report.ts';
import { secretsCommand } from './secrets.ts';
import { seedCommand } from './seed/command.ts';
import { serveCommand } from './serve.ts';
import { simulatorCommand } from './simulator.ts';
import { sinksCommand } from './sinks.ts';
import { startCommand } from './start.ts';
import { packageVersion } from '../version.ts';

/** The command line. Exit status: 0 done, 1 failed, 2 called wrongly. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('quittance')
    .description('A payments backend on Stripe that never loses, doubles or misplaces a payment.')
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  for (const make of [devCommand, startCommand, demoCommand, simulatorCommand]) program.addCommand(make());
  for (const make of [
    migrateCommand,
    doctorCommand,
    eventsCommand,
    reconcileCommand,
    secretsCommand,
    seedCommand,
    sinksCommand,
  ])
    program.addCommand(make());
  program.addCommand(operatorsCommand());
  program.addCommand(serveCommand(), { hidden: true });
  for (const command of program.commands) command.exitOverride();
  watchOutput();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}
