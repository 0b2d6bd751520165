import { z } from 'zod';
import { ROLES } from '../http/caller.ts';
import { operation } from '../http/operation.ts';

const TEXT_CHARACTERS_MAX = 1_024;

const tag = 'Session';
const password = z.string().min(1).max(TEXT_CHARACTERS_MAX);
const token = z.string().min(1).max(TEXT_CHARACTERS_MAX).describe('What stands in the link');
const role = z.enum(ROLES);

const signInWays = z
  .object({
    password: z.boolean().describe('Somebody has a password'),
    oidc: z.string().nullable().describe('What the OpenID provider is called'),
  })
  .meta({
    id: 'SignInWays',
    description: 'How one can sign in here; neither: run `quittance operators add`',
  });

const session = z
  .object({
    operator: z.object({
      id: z.string(),
      name: z.string(),
      has_password: z.boolean(),
    }),
    role,
    session: z.string(),
    csrf_token: z.string().describe('To be sent as X-CSRF-Token with all that is not GET'),
    idle_ends_at: z.iso.datetime(),
    ends_at: z.iso.datetime(),
    livemode: z.boolean().describe('The mode of the server’s own key'),
    shop_name: z.string(),
    version: z.string(),
    stripe: z.object({ dashboard: z.url().describe('Where Stripe shows what it has') }),
    sign_in: signInWays,
  })
  .meta({ id: 'Session', description: 'Who is signed in, and where' });

const signedIn = z
  .object({ operator: z.object({ id: z.string(), name: z.string() }), role })
  .meta({ id: 'SignedIn', description: 'The cookie is set; ask `GET /api/session` for the rest' });

const ownSession = z
  .object({
    id: z.string(),
    current: z.boolean().describe('The one that asks'),
    created_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
    ends_at: z.iso.datetime(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .meta({ id: 'OwnSession', description: 'A place where you are signed in' });

const ended = z.object({ ended: z.int().describe('How many sessions have ended') });

export const GET_SESSION = operation({
  id: 'getSession',
  method: 'GET',
  path: '/api/session',
  tag,
  summary: 'Who is signed in',
  description: 'When nobody is: 401 `signed_out`, which has `sign_in`, `livemode` and `shop_name` too.',
  role: null,
  answer: session,
  problems: ['signed_out'],
});

export const SIGN_IN = operation({
  id: 'signIn',
  method: 'POST',
  path: '/api/session',
  tag,
  summary: 'Sign in with a password',
  role: null,
  body: z.strictObject({ name: z.string().min(1).max(TEXT_CHARACTERS_MAX), password }),
  bodyExample: '{"name": "ann@example.com", "password": "…"}',
  answer: signedIn,
  statuses: [201],
  problems: ['wrong_credentials', 'too_many_attempts', 'busy'],
  // The route writes it down itself: a name that nobody has may be a password.
  audited: false,
});

export const SIGN_IN_BY_LINK = operation({
  id: 'signInByLink',
  method: 'POST',
  path: '/api/session/link',
  tag,
  summary: 'Sign in with a one-time link',
  role: null,
  body: z.strictObject({ token }),
  answer: signedIn,
  statuses: [201],
  problems: ['link_refused'],
  audited: false,
});

export const SET_PASSWORD = operation({
  id: 'setPassword',
  method: 'POST',
  path: '/api/session/set-password',
  tag,
  summary: 'Set a password with a one-time link, and sign in',
  description: 'Ends the sessions that were begun before.',
  role: null,
  body: z.strictObject({ token, password }),
  answer: signedIn,
  statuses: [201],
  problems: ['link_refused', 'busy', 'password_is_configured'],
  audited: false,
});

export const SIGN_OUT = operation({
  id: 'signOut',
  method: 'DELETE',
  path: '/api/session',
  tag,
  summary: 'Sign out',
  role: 'viewer',
  answer: ended,
  problems: ['not_a_session'],
});

export const LIST_OWN_SESSIONS = operation({
  id: 'listOwnSessions',
  method: 'GET',
  path: '/api/session/all',
  tag,
  summary: 'Where you are signed in, newest first',
  role: 'viewer',
  answer: z.object({ data: z.array(ownSession) }),
  problems: ['not_a_session'],
});

export const END_OWN_SESSION = operation({
  id: 'endOwnSession',
  method: 'DELETE',
  path: '/api/session/all/{id}',
  tag,
  summary: 'Sign out somewhere else',
  role: 'viewer',
  answer: ended,
  problems: ['not_a_session', 'session_not_found'],
});

export const CHANGE_PASSWORD = operation({
  id: 'changePassword',
  method: 'POST',
  path: '/api/session/password',
  tag,
  summary: 'Change your password',
  description: 'Ends your other sessions, and links that were made for you.',
  role: 'viewer',
  body: z.strictObject({ current: password, password }),
  answer: ended,
  problems: [
    'not_a_session',
    'no_password',
    'password_is_configured',
    'wrong_password',
    'too_many_attempts',
    'busy',
  ],
  unaudited: ['current', 'password'],
});
