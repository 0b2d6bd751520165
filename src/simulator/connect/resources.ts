import type { Resource } from '../server/call.ts';
import { accountParts } from './account-parts.ts';
import { accounts } from './accounts.ts';

/** What concerns connected accounts. */
export const connect: readonly Resource[] = [accounts, accountParts];
