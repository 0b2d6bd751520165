import type { Problem } from '../http/problem.ts';

/** The same whether there is such a name, whether it may sign in, and what was wrong. */
export const WRONG_CREDENTIALS: Problem = {
  status: 401,
  code: 'wrong_credentials',
  detail: 'The name or the password is wrong.',
};

export const WRONG_PASSWORD: Problem = {
  status: 403,
  code: 'wrong_password',
  detail: 'The current password is wrong.',
};

export function tooManyAttempts(seconds: number): Problem {
  return {
    status: 429,
    code: 'too_many_attempts',
    detail: `This was wrong too often. Try again in ${seconds} seconds.`,
    extra: { retry_after_seconds: seconds },
    headers: { 'retry-after': String(seconds) },
  };
}

export const BUSY: Problem = {
  status: 503,
  code: 'busy',
  detail: 'Too many people sign in at this moment. Try again in a second.',
  headers: { 'retry-after': '1' },
};

export const LINK_REFUSED: Problem = {
  status: 410,
  code: 'link_refused',
  detail:
    'This link has been used, is too old, or a newer one took its place. Ask for another: an admin makes ' +
    'it under Operators, or on the server: quittance operators link <name>.',
};

export const NO_PASSWORD: Problem = {
  status: 409,
  code: 'no_password',
  detail: 'You have no password yet. Ask an admin for a link to set one.',
};

export const PASSWORD_IS_CONFIGURED: Problem = {
  status: 409,
  code: 'password_is_configured',
  detail: 'The password of admin comes from QUITTANCE_ADMIN_PASSWORD: change it there, and restart.',
};

export const NOT_A_SESSION: Problem = {
  status: 403,
  code: 'not_a_session',
  detail: 'This is for people who have signed in; the API key has no session.',
};

export const SESSION_NOT_FOUND: Problem = {
  status: 404,
  code: 'session_not_found',
  detail: 'You have no such session, or it has ended.',
};

export const OPERATOR_NOT_FOUND: Problem = {
  status: 404,
  code: 'operator_not_found',
  detail: 'There is no such operator.',
};

export const OPERATOR_EXISTS: Problem = {
  status: 409,
  code: 'operator_exists',
  detail: 'There is an operator of this name already.',
};

export const OPERATOR_DISABLED: Problem = {
  status: 409,
  code: 'operator_disabled',
  detail: 'This operator may not sign in. Enable them first.',
};

export const LAST_ADMIN: Problem = {
  status: 409,
  code: 'last_admin',
  detail: 'Nobody else who may sign in is an admin. Make somebody an admin first.',
};
