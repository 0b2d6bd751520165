import type { Buyer } from './buyer.ts';
import type { Screen } from './screen.ts';
import type { Shop, Stage } from './stage.ts';
import type { Watch } from './watch.ts';

/** Who takes part. */
export interface Cast {
  screen: Screen;
  stage: Stage;
  buyer: Buyer;
  watch: Watch;
}

/** What is played: in which shop, in which acts, and how many steps they have together. */
export interface Play {
  shop: Shop;
  steps: number;
  acts: ((cast: Cast) => Promise<void>)[];
}
