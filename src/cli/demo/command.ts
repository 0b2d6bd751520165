import { Command } from 'commander';
import type { Which } from './perform.ts';

/** The main job, from nothing to a fulfilled order, with every step verified. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('show the main job from nothing to a fulfilled order, verified step by step')
    .option('--marketplace', 'sellers instead: onboarding, split payments, refunds, disputes, payouts')
    .option('--app', 'a Stripe App’s backend instead: installs, signed requests, a secret replaced, cron')
    .addHelpText(
      'after',
      '\nNeeds no keys and no network. Runs in a temporary folder that is removed afterwards.' +
        '\nWith --marketplace a real browser goes through the local Stripe’s onboarding pages: it needs' +
        '\nthe packages playwright-core and @sparticuz/chromium.' +
        '\nExit status 0 only if every step was verified.',
    )
    .action(async (which: Which) => {
      const { perform } = await import('./perform.ts'); // large: only for who wants it
      process.exitCode = (await perform(which)) ? 0 : 1;
    });
}
