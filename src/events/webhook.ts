import type { Clock } from '../clock.ts';
import { unixSeconds } from '../clock.ts';
import { QuittanceError } from '../errors.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { BodyBudget } from '../http/body.ts';
import type { Problem } from '../http/problem.ts';
import { currentTraceparent, inSpan, type Told, type TraceHeaders } from '../http/spans.ts';
import { readEnvelope, type Envelope, type Recognition } from '../inbox/envelope.ts';
import type { Receiver } from '../inbox/receive.ts';
import type { Arrival } from '../inbox/store.ts';
import { checkSignature } from '../stripe/signature.ts';

/** Stripe's largest events are a few hundred kilobytes. */
export const WEBHOOK_BODY_BYTES_MAX = 1024 * 1024;
// Bodies in the middle of being read. The queue before the database has as much again.
const READING_BYTES_MAX = 64 * 1024 * 1024;
export const RECEIVED = '{"received":true}';
const RETRY_AFTER_SECONDS = 30;
const OK = 200;
const SERVER_ERROR = 500;

type Header = string | null | undefined;

export interface WebhookOptions {
  /** The path Stripe posts to, also kept with the event. */
  path: string;
  /** Signing secrets (`whsec_…`); any of them may have signed. */
  secrets: readonly string[];
  /** The environment variable that names them, for the message when there are none. */
  secretName: string;
  clock: Clock;
  reach: ReachFailpoint;
  receiver: Pick<Receiver, 'receive'>;
  recognition: Recognition;
  watch: WebhookWatch;
  /** Told of the secret that signed what was just verified. */
  onVerified: (path: string, secret: string) => void;
}

/** What the entrance tells those who watch over it. */
export interface WebhookWatch {
  accepted(envelope: Envelope, path: string): void;
  refused(code: RefusalCode, path: string): void;
  /** A right signature, too old to be accepted: our clock is ahead, or somebody repeats an old request. */
  stale(signedAtSeconds: number): void;
  /** A signature from the future: our clock is behind. */
  clockBehind(): void;
  quarantined(envelope: Envelope, path: string): void;
  /** A bug of ours. */
  broke(error: unknown, path: string): void;
}

export type RefusalCode =
  | 'not_configured'
  | 'missing_signature'
  | 'invalid_signature'
  | 'stale_timestamp'
  | 'body_too_large'
  | 'storage_unavailable';

/** The entrance for Stripe's events: it verifies and stores, nothing else. */
export class WebhookEntrance {
  readonly path: string;
  /** The memory its requests may take before they are whole. */
  readonly bodies = new BodyBudget(READING_BYTES_MAX);
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** Null when the event is stored and committed; else why it is not. `signature` is the header's value. */
  accept(body: Buffer, signature: Header, trace: TraceHeaders = {}): Promise<Problem | null> {
    const attributes = { 'http.request.method': 'POST', 'http.route': this.path, 'url.path': this.path };
    const parent = { request: trace };
    return inSpan(`POST ${this.path}`, { kind: 'server', attributes, parent }, async (told) => {
      const problem = await this.#accept(body, signature, told);
      told.set({ 'http.response.status_code': problem?.status ?? OK });
      if (problem) told.set({ 'error.type': problem.code });
      if (problem && problem.status >= SERVER_ERROR) told.failed(problem.code);
      return problem;
    });
  }

  async #accept(body: Buffer, signature: Header, told: Told): Promise<Problem | null> {
    const { options, checked } = this.#check(body, signature);
    if (checked) return this.refuse(checked);
    options.reach('webhook.after_verify');
    const envelope = readEnvelope(body, options.recognition);
    told.set({ 'messaging.message.id': envelope.id, 'messaging.destination.name': envelope.type });
    const traceparent = told.isHeard ? currentTraceparent() : null;
    const arrival: Arrival = { envelope, source: 'webhook', endpoint: this.path, traceparent };
    try {
      await inSpan('store event', { kind: 'internal' }, () => options.receiver.receive(arrival));
    } catch (error) {
      if (error instanceof QuittanceError && error.code === 'storage_unavailable') {
        return this.refuse('storage_unavailable');
      }
      throw error;
    }
    options.watch.accepted(arrival.envelope, this.path);
    // As it was stored: what the database refused was put aside after all.
    if (arrival.envelope.problem) options.watch.quarantined(arrival.envelope, this.path);
    options.reach('webhook.before_ack');
    return null;
  }

  /** Counts a refusal and says it in words. */
  refuse(code: RefusalCode): Problem {
    this.#options.watch.refused(code, this.path);
    if (code !== 'not_configured') return REFUSALS[code];
    const name = this.#options.secretName;
    const detail = `No webhook secret is configured: set ${name} to the endpoint's whsec_….`;
    return { status: 503, code, detail, headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } };
  }

  /** Says that something broke which should not have; the sender repeats. */
  fail(error: unknown): Problem {
    this.#options.watch.broke(error, this.path);
    return BROKEN;
  }

  #check(body: Buffer, signature: Header): { options: WebhookOptions; checked: RefusalCode | null } {
    const options = this.#options;
    if (options.secrets.length === 0) return { options, checked: 'not_configured' };
    const check = checkSignature(body, signature, options.secrets, unixSeconds(options.clock));
    switch (check.kind) {
      case 'valid':
        if (check.ahead) options.watch.clockBehind();
        options.onVerified(this.path, options.secrets[check.secret] as string);
        return { options, checked: null };
      case 'missing':
        return { options, checked: 'missing_signature' };
      case 'invalid':
        return { options, checked: 'invalid_signature' };
      case 'stale':
        options.watch.stale(check.signedAtSeconds);
        return { options, checked: 'stale_timestamp' };
      default:
        return check satisfies never;
    }
  }
}

/** The answer to any method but POST. */
export const WRONG_METHOD: Problem = {
  status: 405,
  code: 'method_not_allowed',
  detail: 'This address takes POST only.',
  headers: { allow: 'POST' },
};

const BROKEN: Problem = {
  status: 500,
  code: 'internal_error',
  detail: 'Something went wrong on our side; the log says what. Send the event again later.',
};

const REFUSALS: Record<Exclude<RefusalCode, 'not_configured'>, Problem> = {
  missing_signature: {
    status: 400,
    code: 'missing_signature',
    detail: 'The Stripe-Signature header is missing: only Stripe posts here.',
  },
  invalid_signature: {
    status: 400,
    code: 'invalid_signature',
    detail:
      'The signature fits none of the configured secrets: check that the secret belongs to this endpoint ' +
      'and mode, and that nothing on the way (a proxy, a JSON parser) changes the body.',
  },
  stale_timestamp: {
    status: 400,
    code: 'stale_timestamp',
    detail: 'The signature is right but more than 300 seconds old: check the clock of this server.',
  },
  body_too_large: {
    status: 413,
    code: 'body_too_large',
    detail: 'The body is larger than 1 MiB, which no event of Stripe is.',
  },
  storage_unavailable: {
    status: 503,
    code: 'storage_unavailable',
    detail: 'The event could not be stored now. Send it again later.',
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  },
};
