import { unixSeconds, type Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import { BodyBudget, readBody } from '../../http/body.ts';
import type { Problem } from '../../http/problem.ts';
import type { Read } from '../../http/request.ts';
import type { RaiseAlarm } from '../../inbox/alarms.ts';
import { TOLERANCE_SECONDS } from '../../stripe/signature.ts';
import type { VerifiedAppRequest } from '../context.ts';
import { readCompatible } from './compatible.ts';
import * as problems from './problems.ts';
import type { Proof } from './proof.ts';
import { spendRequest } from './rows.ts';
import type { AppSignature } from './signature.ts';
import { readStrict } from './strict.ts';

// Bodies in the middle of being read, all requests together.
const READING_BYTES_MAX = 16 * 1024 * 1024;
// For how long a request is remembered beyond its signature's time: clocks of our processes may differ.
const MARGIN_SECONDS = 300;

export interface AppVerifierOptions {
  database: Pick<Database, 'sql'>;
  clock: Clock;
  /** Signing secrets of the app (`absec_…`); any of them may have signed. */
  secrets: readonly string[];
  /** Those of webhooks, to say so when somebody took one for the other. */
  webhookSecrets: readonly string[];
  /** Which form a request has to have; see `readStrict` and `readCompatible`. */
  signing: 'strict' | 'compatible';
  /** The mode of this server. */
  livemode: boolean;
  /** Told of each request what became of it: `accepted`, or the code of the problem. */
  count?: (result: string) => void;
  alarm?: RaiseAlarm;
}

export interface VerifyOptions {
  /** The user has to have one of these roles, by id (`admin`). */
  roles?: readonly string[];
}

/** What a request was found to be. */
export type Verification = { readonly verified: VerifiedAppRequest } | { readonly problem: Problem };

/** Whether one of the roles that are asked for was shown; so when none is. */
export function showsRole({ roles: shown }: VerifiedAppRequest, { roles = [] }: VerifyOptions): boolean {
  return roles.length === 0 || roles.some((role) => shown.includes(role));
}

/** Verifies what the app's extension sends: who sent it, and that it is whole, of now, for us, and new. */
export class AppVerifier {
  readonly #options: AppVerifierOptions;
  readonly #bodies = new BodyBudget(READING_BYTES_MAX);

  constructor(options: AppVerifierOptions) {
    this.#options = options;
  }

  /**
   * Takes the request's body, which nobody may have read before. A request is good once, for 300 seconds,
   * whichever process it comes to. Never throws for anything that was sent.
   */
  async verify(request: Request, options: VerifyOptions = {}): Promise<Verification> {
    const found = await this.#verify(request, options);
    const code = 'problem' in found ? found.problem.code : 'accepted';
    this.#options.count?.(code);
    if (code === problems.CLOCK.code) this.#options.alarm?.('clock_behind', '', CLOCK_BEHIND);
    return found;
  }

  async #verify(request: Request, options: VerifyOptions): Promise<Verification> {
    const read = await this.#read(request);
    if ('problem' in read) return read;
    const { verified } = read.value;
    if (!showsRole(verified, options)) return { problem: problems.ROLE_MISSING };
    // Last of all: what is refused may be sent again, put right.
    const problem = await this.#spend(read.value);
    return problem ? { problem } : { verified };
  }

  async #read(request: Request): Promise<Read<Proof>> {
    const { secrets, webhookSecrets, clock, signing, livemode } = this.#options;
    if (request.method !== 'POST') return { problem: problems.WRONG_METHOD };
    if (secrets.length === 0) return { problem: problems.NOT_CONFIGURED };
    if (request.bodyUsed || request.body?.locked) return { problem: problems.BODY_PARSED };
    const header = request.headers.get('stripe-signature');
    if (!header) return { problem: problems.MISSING_SIGNATURE };
    const reading = await readBody(request, problems.APP_BODY_BYTES_MAX, this.#bodies);
    if (reading.kind !== 'bytes') return { problem: UNREAD[reading.kind] };
    const signature: AppSignature = { header, secrets, webhookSecrets, nowSeconds: unixSeconds(clock) };
    const received = { bytes: reading.bytes, method: request.method, url: new URL(request.url) };
    const readForm = signing === 'strict' ? readStrict : readCompatible;
    return readForm(received, signature, livemode);
  }

  async #spend({ digest }: Proof): Promise<Problem | null> {
    const { database, clock } = this.#options;
    // From now and not from when it was signed: that may lie ahead, by as much as is tolerated.
    const seconds = unixSeconds(clock) + 2 * TOLERANCE_SECONDS + MARGIN_SECONDS;
    try {
      const isNew = await spendRequest(database.sql, digest, new Date(seconds * 1000));
      return isNew ? null : problems.REPLAYED;
    } catch (error) {
      return problems.ofStorage(error);
    }
  }
}

const UNREAD = {
  too_large: problems.TOO_LARGE,
  no_room: problems.BUSY,
  aborted: problems.CUT_SHORT,
} satisfies Record<string, Problem>;

const CLOCK_BEHIND =
  'a request of the app was signed more than 300 s in the future: the clock of this server runs slow';
