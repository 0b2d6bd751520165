import { Command, InvalidArgumentError } from 'commander';
import { untilParentGone, untilSignal } from './until-signal.ts';

interface SimulatorFlags {
  port: number;
  unixSocket?: string;
  data?: string;
  seed?: string;
  apiVersion?: string;
  strict?: boolean;
  verbose?: boolean;
}

/** The offline Stripe on its own. */
export function simulatorCommand(): Command {
  return new Command('simulator')
    .description('run an offline, stateful Stripe for development and tests')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', portNumber, 12_111)
    .option('--unix-socket <path>', 'listen on a unix socket as well (for STRIPE_CLI_UNIX_SOCKET)')
    .option('--data <dir>', 'keep the state in this folder; without it the state ends with the process')
    .option('--seed <text>', 'make the same ids and choices in each run')
    .option('--api-version <version>', 'for requests that name none; the newest without it')
    .option('--strict', 'refuse prices, products and coupons that were never made here, as Stripe does')
    .option('--verbose', 'print a line for each request')
    .addHelpText(
      'after',
      `
Point a client at it: new Stripe('sk_test_anything', { host: '127.0.0.1', port: 12111, protocol: 'http' })
The Stripe CLI:
  stripe listen --all-snapshot --api-base http://127.0.0.1:12111 --api-key sk_test_anything_long`,
    )
    .action(async (flags: SimulatorFlags) => {
      // A parent that is gone will not send a signal, and may go while we start.
      const told = Promise.race([untilSignal(), untilParentGone()]);
      process.channel?.unref(); // a start that fails ends the process, whoever listens
      const { startSimulator } = await import('../simulator/index.ts'); // large: only for who wants it
      const simulator = await startSimulator({
        port: flags.port,
        ...(flags.unixSocket ? { unixSocket: flags.unixSocket } : {}),
        ...(flags.data ? { dataDir: flags.data } : {}),
        ...(flags.seed ? { seed: flags.seed } : {}),
        ...(flags.apiVersion ? { apiVersion: flags.apiVersion } : {}),
        ...(flags.strict ? {} : { assumeExisting: tellAssumed }),
        ...(flags.verbose ? { log: (line: string) => void process.stdout.write(`${line}\n`) } : {}),
      });
      if (process.connected) process.send?.({ kind: 'ready', url: simulator.url });
      process.stdout.write(`Stripe simulator at ${simulator.url}\nCtrl-C stops it.\n`);
      await told;
      await simulator.close();
      process.exit(0);
    });
}

// It may be a slip of the pen: said once for each, since the object is there from then on.
function tellAssumed(what: string): void {
  process.stdout.write(`Assumed to exist in your account: ${what} (--strict refuses it)\n`);
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port, 0 to 65535.');
}
