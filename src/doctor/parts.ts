import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Handlers } from '../inbox/handlers.ts';
import type { StripeClients } from '../stripe/clients.ts';

/** The options that a doctor looks at. */
export interface DoctorSettings {
  publicUrl: string;
  stripeSecretKey?: string | undefined;
  stripeApiBase?: string | undefined;
  stripeWebhookSecret: readonly string[];
  stripeThinWebhookSecret: readonly string[];
  stripeConnectWebhookSecret: readonly string[];
  secret: string;
  previousSecrets: readonly string[];
  metricsToken?: string | undefined;
  app?: { distribution: string } | undefined;
  oidcIssuer?: string | undefined;
}

export interface DoctorParts {
  settings: DoctorSettings;
  database: Database;
  clients: StripeClients;
  clock: Clock;
  handlers: Pick<Handlers, 'types'>;
  livemode: boolean;
  /** Of this package. */
  version: string;
}

/** 1 second, 90 seconds, 5 minutes, 3 hours, 2 days. */
export function durationOf(seconds: number): string {
  const [unit, size] = UNITS.find(([, of]) => seconds >= of * 2) ?? ['second', 1];
  const count = Math.round(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
