import { QuittanceError } from '../../errors.ts';
import type { GrantFailure } from './failures.ts';

export function unknownConnection(name: string): QuittanceError {
  return new QuittanceError({
    code: 'connection_unknown',
    message: `There is no connection "${name}" among the options (app.connections).`,
  });
}

export function absent(name: string): QuittanceError {
  return new QuittanceError({
    code: 'connection_absent',
    message: `This account is not connected to "${name}": its user has to connect first (connections.start).`,
  });
}

export function refused(name: string): QuittanceError {
  return new QuittanceError({
    code: 'connection_refused',
    message:
      `"${name}" no longer takes what this account was connected with: ` +
      'its user has to connect anew (connections.start).',
  });
}

export function unavailable(name: string, { words }: GrantFailure): QuittanceError {
  return new QuittanceError({
    code: 'connection_unavailable',
    message: `"${name}" gave no fresh token (${words}). What is kept is unchanged; try again later.`,
  });
}

/** So many wait for an answer of this service, or of others, that nobody asks. */
export const CROWDED: GrantFailure = {
  kind: 'unavailable',
  words: 'too many wait for it, since it answers slowly',
};

export function hostRefused(name: string, hosts: readonly string[]): QuittanceError {
  return new QuittanceError({
    code: 'connection_host_refused',
    message: `The token of "${name}" is sent by https and to its apiHosts only: ${hosts.join(', ')}.`,
  });
}
