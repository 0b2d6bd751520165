/** What a seeded store consists of. The same plan gives the same store, but for its times, which end now. */
export interface SeedPlan {
  events: number;
  orders: number;
  sellers: number;
  days: number;
  seed: number;
  /** When it begins: so many days ago, or behind the newest event that is there. */
  start: Date;
  /** The last number of the log before. */
  base: number;
}
