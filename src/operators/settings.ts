import { z } from 'zod';

const IDLE_MINUTES_DEFAULT = 30;
const SESSION_HOURS_DEFAULT = 12;
const SESSION_HOURS_MAX = 24 * 30;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Sessions of the console. */
export const consoleSchema = z
  .strictObject({
    /** Minutes after which a session that nobody uses ends. Default 30. */
    idleMinutes: z.int().min(1).max(1_440).default(IDLE_MINUTES_DEFAULT),
    /** Hours after which every session ends. Default 12. */
    sessionHours: z.number().positive().max(SESSION_HOURS_MAX).default(SESSION_HOURS_DEFAULT),
  })
  .prefault({});

const whoSchema = z.array(z.string().min(1)).default([]);

/** Sign-in by an OpenID provider; where it is stands in `oidcIssuer`. */
export const oidcSchema = z
  .strictObject({
    /** What its button says: "Sign in with …". */
    name: z.string().min(1).max(40).default('single sign-on'),
    /** Asked for. Default openid, email, profile. */
    scopes: z.array(z.string().min(1)).default(['openid', 'email', 'profile']),
    /** The claim that decides the role; without it the e-mail address does. */
    roleClaim: z.string().min(1).optional(),
    /**
     * Who gets which role: values of the claim, or addresses (`ann@example.com`) and whole domains
     * (`@example.com`). The highest counts; who has none may not come in.
     */
    roles: z.strictObject({ admin: whoSchema, operator: whoSchema, viewer: whoSchema }).partial().default({}),
  })
  .prefault({});

export type OidcSettings = z.output<typeof oidcSchema>;

/** A provider's address: by https, or on this machine. */
export const issuerUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK.has(hostname);
}, 'must begin with https:// (http:// only on this machine)');
