// The file, not the folder: TypeScript finds the types of no folder in an ECMAScript module.
import { fetchStripeSignature } from '@stripe/ui-extension-sdk/utils/index.js';
import { clientOf, type BackendClient, type BackendClientOptions } from './client.ts';

export type { BackendClient, BackendClientOptions, FetchSignature, PostOptions } from './client.ts';
export type { ExtensionContext, UserRole } from './context.ts';
export { BackendError, type BackendErrorKind } from './error.ts';

/**
 * A client of the app's backend, for its UI extension: `createBackendClient({ baseUrl, ...props })` with the
 * props of the view, or `createBackendClient({ baseUrl })` and the props with each `post` as `context`.
 */
export function createBackendClient(options: BackendClientOptions): BackendClient {
  const sign = options.fetchStripeSignature ?? fetchStripeSignature;
  return clientOf({ ...options, fetchStripeSignature: sign });
}
