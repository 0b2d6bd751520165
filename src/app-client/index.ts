import { clientOf, type BackendClient, type BackendClientOptions, type FetchSignature } from './client.ts';

export type { BackendClient, BackendClientOptions, FetchSignature, PostOptions } from './client.ts';
export type { ExtensionContext, UserRole } from './context.ts';
export { BackendError, type BackendErrorKind } from './error.ts';

/**
 * A client of the app's backend, for its UI extension: `createBackendClient({ baseUrl, ...props })` with the
 * props of the view, or `createBackendClient({ baseUrl })` and the props with each `post` as `context`.
 */
export function createBackendClient(options: BackendClientOptions): BackendClient {
  const sign = options.fetchStripeSignature ?? signByDashboard;
  return clientOf({ ...options, fetchStripeSignature: sign });
}

// Loaded when it is needed: only bundlers find their way through the SDK, and a program that brings its own
// way to sign can do without. The file, not the folder: TypeScript finds no folder's types in a module.
const signByDashboard: FetchSignature = async (extra) => {
  const { fetchStripeSignature } = await import('@stripe/ui-extension-sdk/utils/index.js');
  return fetchStripeSignature(extra);
};
