import type { Cast } from '../play.ts';
import type { ServerProcess } from '../server.ts';
import type { Dashboard } from './dashboard.ts';
import type { LocalApp } from './local-app.ts';

/** The mode of a server, and of what happens at Stripe. */
export type Mode = 'live' | 'test';

/** The cast of an app's backend, and what one act leaves to the next. */
export interface AppCast extends Cast {
  /** The app at Stripe, moved by the simulator's control API. */
  app: LocalApp;
  /** The Dashboards of the accounts, with the app's extension before their users. */
  dashboard: Dashboard;
  /** One for each mode, each with its own database. */
  servers: Record<Mode, ServerProcess>;
  /** The accounts: installed in live mode only, in test mode only, in both. */
  live: string;
  test: string;
  both: string;
  /** How many notes each account in test mode has. */
  notes: ReadonlyMap<string, number>;
}
