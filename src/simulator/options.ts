import type { Clock } from '../clock.ts';

/** How a simulator is started. Everything may be left out. */
export interface SimulatorOptions {
  /** TCP port on `host`; 0, or left out, takes a free one. */
  port?: number;
  /** The address to listen on; 127.0.0.1 when left out, so that nobody else can reach it. */
  host?: string;
  /** Also answer on this Unix socket, as the Stripe CLI's STRIPE_CLI_UNIX_SOCKET wants it. */
  unixSocket?: string;
  /** Keep the state in this folder, so that it survives the process; in memory when left out. */
  dataDir?: string;
  /** Makes ids and faults repeatable. Left out, ids can't be guessed. */
  seed?: number | string;
  /** The time from which the simulator's movable clock starts out; the computer's when left out. */
  clock?: Clock;
  /** The API version of requests that name none; the newest when left out. */
  apiVersion?: string;
  /**
   * Makes the prices, plans, products and coupons that a request names and nobody made, so that a program
   * runs with the ids of its own account; false when left out, and they are refused as Stripe refuses them.
   * Only ids as people choose them or Stripe makes them, and none that was deleted. A function is told.
   */
  assumeExisting?: boolean | ((what: string) => void);
  /** The id of the Stripe App under test, as its manifest has it; `com.example.app` when left out. */
  app?: string;
  /**
   * How long the hosted page waits for the receiver of `checkout.session.completed`; 10 s when left out, as
   * Stripe.
   */
  redirectWaitMs?: number;
  /** Gets one line a request, and what went wrong inside. Never keys, secrets or card numbers. */
  log?: (line: string) => void;
}
