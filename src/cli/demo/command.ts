import { Command } from 'commander';
import { Buyer } from './buyer.ts';
import { APP } from './app/play.ts';
import { MARKETPLACE } from './marketplace/market.ts';
import type { Cast, Play } from './play.ts';
import { Screen, StepFailed } from './screen.ts';
import { Stage } from './stage.ts';
import { PLAIN } from './steps.ts';
import { Watch } from './watch.ts';

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
    .action(async ({ marketplace, app }: { marketplace?: true; app?: true }) => {
      const play = app ? APP : marketplace ? MARKETPLACE : PLAIN;
      process.exitCode = (await perform(play)) ? 0 : 1;
    });
}

async function perform({ shop, steps, acts }: Play): Promise<boolean> {
  const screen = new Screen((text) => process.stdout.write(text));
  const stage = new Stage(shop);
  const cast: Cast = { screen, stage, buyer: new Buyer(stage), watch: new Watch(stage) };
  const interrupted = (): void => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    for (const act of acts) await act(cast);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    await stage.close();
    process.off('SIGINT', interrupted);
  }
  return screen.summary(steps);
}
