import type { Sender, UserRole } from './context.ts';

// The signature is fetched with what it covers in the URL.
const SIGNED_CHARACTERS_MAX = 2_000;
const NONCE_BYTES = 16;

/** JSON, as the SDK asks for it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What is to be sent. */
export interface Message {
  path: string;
  data: object;
  /** Roles to show, which Stripe vouches for; none when empty. */
  roles: readonly UserRole[];
}

/** What Stripe is asked to sign, and the body to send under that signature. */
export interface StrictForm {
  extra: { [key: string]: Json };
  body: string;
}

/**
 * Binds data to where they go, so that the signature covers all of it: Stripe signs the JSON of these fields,
 * in this order, with the sender behind them. Data that are too long go along as a second line, and their
 * hash is signed.
 */
export async function strictForm(message: Message, { userId, accountId, mode }: Sender): Promise<StrictForm> {
  const json = JSON.stringify(message.data);
  const plain = escaped(json);
  const isLong = plain.length > SIGNED_CHARACTERS_MAX;
  const extra: StrictForm['extra'] = {
    body: isLong ? `sha256:${await sha256(json)}` : plain,
    path: message.path,
    method: 'POST',
    mode,
    nonce: newNonce(),
  };
  // A copy without what is undefined: it has to be written here as Stripe writes it.
  if (message.roles.length > 0) extra.stripe_roles = JSON.parse(JSON.stringify(message.roles)) as Json;
  const line = JSON.stringify({ ...extra, user_id: userId, account_id: accountId });
  return { extra, body: isLong ? `${line}\n${json}` : line };
}

// Which of these Stripe writes as escapes is not documented. Escaped already, they are the same either way.
function escaped(json: string): string {
  return json.replace(
    /[^\x20-\x7e]|[<>&]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function sha256(text: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

// Not randomUUID, which there is on secure origins only.
function newNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
