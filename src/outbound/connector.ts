import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { QuittanceError } from '../errors.ts';
import { isPublicAddress } from './address.ts';

export interface ConnectorOptions {
  timeoutMs: number;
  allowPrivateNetwork: boolean;
  /** What names mean; the system's resolver when left out. */
  lookup?: LookupFunction | undefined;
}

/**
 * Opens connections to public addresses only. What is judged is the very address that is connected to, so a
 * name that means something else a moment later (DNS rebinding) gets nowhere.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { timeoutMs, allowPrivateNetwork } = options;
  const lookup = options.lookup ?? systemLookup;
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: allowPrivateNetwork ? lookup : publicOnly(lookup),
  });
  if (allowPrivateNetwork) return connect;
  return (target, callback) => {
    // Node asks no lookup about an address that is written out.
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isPublicAddress(host)) callback(refused(host), null);
    else connect(target, callback);
  };
}

// One address that is not public among several is reason enough: no honest name mixes them.
function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      if (addresses.every(isPublicAddress)) return callback(null, found, family);
      return callback(refused(hostname), '', 0);
    });
  };
}

function refused(host: string): QuittanceError {
  return new QuittanceError({
    code: 'outbound_address_refused',
    message:
      `${host} leads to an address that is not on the public Internet. Only the operator can allow that, ` +
      'with "allowPrivateNetwork" for the system in question.',
  });
}
