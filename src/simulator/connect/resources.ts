import type { Resource } from '../server/call.ts';
import { accountParts } from './account-parts.ts';
import { accounts } from './accounts.ts';
import { appInstalls } from './apps/installs.ts';
import { appSecrets } from './apps/secrets.ts';
import { appSignature } from './apps/signature.ts';
import { oauth } from './oauth/grants.ts';
import { accountLinks } from './onboarding/links.ts';
import { accountSessions } from './sessions.ts';
import { v2Accounts } from './v2/accounts.ts';
import { v2Persons } from './v2/persons.ts';
import { v2Tokens } from './v2/tokens.ts';

/** What concerns connected accounts. */
export const connect: readonly Resource[] = [
  accounts,
  accountParts,
  accountLinks,
  accountSessions,
  appInstalls,
  appSecrets,
  appSignature,
  oauth,
  v2Accounts,
  v2Persons,
  v2Tokens,
];
