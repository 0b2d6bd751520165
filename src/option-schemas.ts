import { z } from 'zod';
import { PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN } from './operators/passwords.ts';

const SECRET_CHARACTERS_MIN = 16;
const PROXIES_MAX = 10;

/** One secret, several, or several separated by commas. */
const severalSecrets = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((value) =>
    (typeof value === 'string' ? value.split(',') : value).filter((secret) => secret !== ''),
  )
  .refine((secrets) => secrets.every((secret) => secret === secret.trim()), {
    message: 'has a space or line break around a secret, so no signature would ever fit: remove it',
  });

/** Signing secrets of webhooks. All are tried. */
export const webhookSecrets = severalSecrets.refine(allBegin('whsec_'), {
  message: 'must hold signing secrets, which begin with "whsec_" (not API keys)',
});

/** Signing secrets of a Stripe App. All are tried. */
export const appSecrets = severalSecrets.refine(allBegin('absec_'), {
  message: 'must hold signing secrets of a Stripe App, which begin with "absec_" (webhooks have "whsec_")',
});

/** Secrets that were in use before, to read what they sealed. */
export const previousSecrets = severalSecrets.refine(
  (secrets) => secrets.every((secret) => secret.length >= SECRET_CHARACTERS_MIN),
  { message: `needs at least ${SECRET_CHARACTERS_MIN} characters each` },
);

function allBegin(prefix: string): (secrets: string[]) => boolean {
  return (secrets) => secrets.every((secret) => secret.startsWith(prefix));
}

export const webUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' })
  .transform((url) => url.replace(/\/+$/, ''));

/** A secret that nobody can guess. */
export const longSecret = z
  .string()
  .min(SECRET_CHARACTERS_MIN, `needs at least ${SECRET_CHARACTERS_MIN} characters`);

/** What a person types. */
export const password = z
  .string()
  .min(PASSWORD_CHARACTERS_MIN, `needs at least ${PASSWORD_CHARACTERS_MIN} characters`)
  .max(PASSWORD_CHARACTERS_MAX, `may have at most ${PASSWORD_CHARACTERS_MAX} characters`);

/** How many stand before us. */
export const proxies = z.coerce.number<number | string>().int().min(0).max(PROXIES_MAX);
