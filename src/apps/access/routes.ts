import type { Api } from '../../http/api.ts';
import { KEEP_RESTRICTED_KEY } from '../installs/operations.ts';
import type { RestrictedKeys } from './restricted-keys.ts';

/** Where the platform's own server hands in the restricted key of an account. */
export function restrictedKeyRoutes(api: Api, keys: Pick<RestrictedKeys, 'keep'>): void {
  api.on(KEEP_RESTRICTED_KEY, ({ body }) => keys.keep(body));
}
