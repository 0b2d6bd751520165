import type { QuittanceOptions } from './options.ts';

/** What `quittance.config.ts` declares; keys, addresses and secrets come from the environment. */
export type QuittanceConfig = Pick<
  QuittanceOptions,
  | 'products'
  | 'connect'
  | 'app'
  | 'sinks'
  | 'console'
  | 'oidc'
  | 'shopName'
  | 'fulfil'
  | 'onSellerChange'
  | 'handlers'
  | 'jobs'
  | 'cron'
  | 'drain'
>;

/** Gives the configuration file its types: `export default defineConfig({ … })`. */
export function defineConfig(config: QuittanceConfig): QuittanceConfig {
  return config;
}
