import { UnderWay } from '../under-way.ts';
import { repairEndpoint, type Repaired } from '../stripe/registered.ts';
import { runChecks, type Check, type EndpointName, type Status } from './check.ts';
import { databaseChecks } from './database-checks.ts';
import { endpointChecks, neededAt, PLACES } from './endpoint-checks.ts';
import type { DoctorParts } from './parts.ts';
import { processChecks } from './process-checks.ts';
import { secretChecks } from './secret-checks.ts';
import { settingChecks } from './setting-checks.ts';
import { stripeChecks } from './stripe-checks.ts';

export interface Report {
  at: string;
  livemode: boolean;
  /** The worst of all; what could not be looked at counts only when nothing else is wrong. */
  status: Status;
  data: Check[];
}

/** Looks at everything that has to be right, and mends what can be mended from here. */
export class Doctor {
  readonly #parts: DoctorParts;
  readonly #looking = new UnderWay<Report>();
  readonly #repairing = new UnderWay<Repaired>();

  constructor(parts: DoctorParts) {
    this.#parts = parts;
  }

  /** Who asks while somebody else does is answered with the same: a look takes a dozen calls to Stripe. */
  look(): Promise<Report> {
    return this.#looking.join('', () => this.#look());
  }

  /** Throws what the Stripe library throws. */
  async repair(name: EndpointName): Promise<Repaired & { url: string; variable: string }> {
    const { settings, clients } = this.#parts;
    const { path, variable } = PLACES[name];
    const url = `${settings.publicUrl}${path}`;
    const events = neededAt(name, this.#parts);
    // Two at once would create two.
    const repaired = await this.#repairing.join(name, () =>
      repairEndpoint(clients.own(), { kind: name, url, events }),
    );
    return { ...repaired, url, variable };
  }

  async #look(): Promise<Report> {
    const parts = this.#parts;
    const data = await runChecks(
      [stripeChecks, endpointChecks, secretChecks, databaseChecks, processChecks, settingChecks].flatMap(
        (checks) => checks(parts),
      ),
    );
    const order = ['fail', 'warn', 'unknown'] as const;
    const status = order.find((each) => data.some((check) => check.status === each)) ?? 'ok';
    return { at: new Date(parts.clock.now()).toISOString(), livemode: parts.livemode, status, data };
  }
}
