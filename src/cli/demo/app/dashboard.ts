import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import type { BackendClientOptions } from '../../../app-client/client.ts';
import type { ExtensionContext, UserRole } from '../../../app-client/context.ts';
import type { Stage } from '../stage.ts';
import type { Mode } from './cast.ts';
import type { LocalApp } from './local-app.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/stripe-app/', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../../app-client/index.js', import.meta.url));

/** As in the example's manifest. */
export const APP_ID = 'com.example.payment-notes';
/** The configuration of the example's backend. */
export const BACKEND_CONFIG = `${EXAMPLE}backend/quittance.config.ts`;
export const BACKEND_TABLES = path.join(EXAMPLE, 'backend/tables.sql');

export const ADMINISTRATOR: UserRole = { id: 'admin', name: 'Administrator', type: 'builtIn' };
export const SUPPORT: UserRole = { id: 'support_specialist', name: 'Support Specialist', type: 'builtIn' };

/** What the example's views ask their backend. */
interface Backend {
  list: (object: string) => Promise<{ name: string; notes: { text: string; author: string }[] }>;
  add: (object: string, text: string) => Promise<{ id: string }>;
  deleteAll: (object: string) => Promise<void>;
}

interface Extension {
  backendFor: (context: ExtensionContext, more: Partial<BackendClientOptions>) => Backend;
}

/** A request as it went over the wire. */
export interface Sent {
  url: string;
  init: RequestInit;
}

/** Runs the code of the example's extension for a user of an account, and lets Stripe sign what it sends. */
export class Dashboard {
  readonly #stage: Stage;
  readonly #app: LocalApp;
  readonly #baseUrl: Record<Mode, string>;
  #extension: Extension | undefined;
  /** The last request that an extension has sent. */
  last: Sent | null = null;

  constructor(stage: Stage, app: LocalApp, baseUrl: Record<Mode, string>) {
    this.#stage = stage;
    this.#app = app;
    this.#baseUrl = baseUrl;
  }

  /** The extension before a user with these roles. */
  async open(account: string, mode: Mode, roles: readonly UserRole[] = []): Promise<Backend> {
    const session = await this.#app.control<{ key: string; user_id: string }>('apps/sessions', {
      account,
      roles,
      livemode: mode === 'live',
    });
    const { backendFor } = await this.#load();
    const userContext = { id: session.user_id, account: { id: account }, roles };
    return backendFor(
      { userContext, environment: { mode } },
      {
        baseUrl: this.#baseUrl,
        fetchStripeSignature: (extra) => this.#sign(session.key, extra),
        fetch: (url, init = {}) => {
          const sent = new URL(url instanceof Request ? url.url : url);
          this.last = { url: sent.href, init };
          return fetch(url, init);
        },
      },
    );
  }

  /** Sends a request anew, word for word but for what is changed. */
  async sendAgain(change: (sent: Sent) => Sent = (sent) => sent): Promise<{ status: number; code: string }> {
    if (!this.last) throw new Error('no extension has sent anything');
    const { url, init } = change(this.last);
    // Its time limit is over.
    const { signal: _signal, ...rest } = init;
    const answer = await fetch(url, rest);
    const { code = '' } = (await answer.json()) as { code?: string };
    return { status: answer.status, code };
  }

  // What the SDK's fetchStripeSignature asks, with the key that the Dashboard lends to an extension.
  async #sign(key: string, extra: object): Promise<string> {
    const query = new URLSearchParams({
      payload: JSON.stringify(extra),
      'include_only[]': 'signature',
    });
    const answer = await fetch(`${this.#stage.stripe.url}/v1/apps/app_embedded_backend_signature?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const body = (await answer.json()) as { signature?: string; error?: { message: string } };
    if (body.signature === undefined) throw new Error(body.error?.message ?? `status ${answer.status}`);
    return body.signature;
  }

  async #load(): Promise<Extension> {
    const jiti = createJiti(import.meta.url, { alias: { 'quittance/app-client': CLIENT } });
    this.#extension ??= await jiti.import<Extension>(`${EXAMPLE}ui/src/backend.ts`);
    return this.#extension;
  }
}
