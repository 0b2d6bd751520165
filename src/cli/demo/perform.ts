import { APP } from './app/play.ts';
import { Buyer } from './buyer.ts';
import { MARKETPLACE } from './marketplace/market.ts';
import type { Cast, Play } from './play.ts';
import { Screen, StepFailed } from './screen.ts';
import { Stage } from './stage.ts';
import { PLAIN } from './steps.ts';
import { Watch } from './watch.ts';

/** Which demo: the shop's, unless another is asked for. */
export interface Which {
  marketplace?: true;
  app?: true;
}

/** Plays the demo on the screen. True when every step was verified. */
export async function perform(which: Which): Promise<boolean> {
  const { shop, steps, acts } = playOf(which);
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

function playOf({ marketplace, app }: Which): Play {
  if (app) return APP;
  return marketplace ? MARKETPLACE : PLAIN;
}
