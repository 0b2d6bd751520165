import { createHmac, timingSafeEqual } from 'node:crypto';
import { unixSeconds, type Clock } from '../../clock.ts';

/** How long a link that begins a connection is good. */
const TICKET_SECONDS = 600;
const TICKET = /^(ins_\w{1,100})\.(\d{10})\.([\w-]{43})$/;

/**
 * A signed ticket, good for one connection of one install:
 * `<install>.<last second it is good, Unix>.<HMAC-SHA256>`. It follows from `QUITTANCE_SECRET`, so nothing is
 * stored and every process knows it.
 */
export function signTicket(
  secret: string,
  { install, connection }: { install: string; connection: string },
  clock: Clock,
): { ticket: string; expiresAt: Date } {
  const expires = unixSeconds(clock) + TICKET_SECONDS;
  const mac = macOf(secret, `begin\n${install}\n${connection}\n${expires}`);
  return { ticket: `${install}.${expires}.${mac}`, expiresAt: new Date(expires * 1000) };
}

/** The install it is for. Only a ticket of ours is called expired. */
export function readTicket(
  secret: string,
  connection: string,
  ticket: string,
  clock: Clock,
): { install: string } | 'expired' | 'forged' {
  const [, install = '', seconds = '', mac = ''] = TICKET.exec(ticket) ?? [];
  if (mac === '') return 'forged';
  const right = macOf(secret, `begin\n${install}\n${connection}\n${seconds}`);
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(right))) return 'forged';
  return unixSeconds(clock) > Number(seconds) ? 'expired' : { install };
}

/** The verifier of PKCE that belongs to a state (RFC 7636, 4.1): who has the state can't tell it. */
export function verifierOf(secret: string, state: string): string {
  return macOf(secret, `verifier\n${state}`);
}

function macOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(`app connection\n${text}`).digest('base64url');
}
