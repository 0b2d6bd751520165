import { Buyer } from './buyer.ts';
import { MARKETPLACE } from './marketplace/market.ts';
import type { Cast } from './play.ts';
import { Screen, StepFailed } from './screen.ts';
import { Stage } from './stage.ts';
import { PLAIN } from './steps.ts';
import { Watch } from './watch.ts';

/** Plays the demo on the screen. True when every step was verified. */
export async function perform({ marketplace }: { marketplace: boolean }): Promise<boolean> {
  const { shop, steps, acts } = marketplace ? MARKETPLACE : PLAIN;
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
