import type { Resource } from '../server/call.ts';
import { accountParts } from './account-parts.ts';
import { accounts } from './accounts.ts';
import { oauth } from './oauth/grants.ts';
import { accountLinks } from './onboarding/links.ts';
import { accountSessions } from './sessions.ts';

/** What concerns connected accounts. */
export const connect: readonly Resource[] = [accounts, accountParts, accountLinks, accountSessions, oauth];
