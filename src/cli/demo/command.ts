import { Command } from 'commander';
import { Buyer } from './buyer.ts';
import { Screen, StepFailed } from './screen.ts';
import { Stage } from './stage.ts';
import { declined, killAndRestart, payByCheckout, setUp, STEPS, threeDSecure, type Cast } from './steps.ts';
import { Watch } from './watch.ts';

/** The main job, from nothing to a fulfilled order, with every step verified. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('show the main job from nothing to a fulfilled order, verified step by step')
    .addHelpText(
      'after',
      '\nNeeds no keys and no network. Everything runs in a temporary folder that is removed afterwards.' +
        '\nExit status 0 only if every step was verified.',
    )
    .action(async () => {
      process.exitCode = (await play()) ? 0 : 1;
    });
}

async function play(): Promise<boolean> {
  const screen = new Screen((text) => process.stdout.write(text));
  const stage = new Stage();
  const cast: Cast = { screen, stage, buyer: new Buyer(stage), watch: new Watch(stage) };
  const interrupted = (): void => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    for (const act of [setUp, payByCheckout, declined, threeDSecure, killAndRestart]) await act(cast);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    await stage.close();
    process.off('SIGINT', interrupted);
  }
  return screen.summary(STEPS);
}
