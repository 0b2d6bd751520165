import { randomUUID } from 'node:crypto';
import { addAudit } from '../audit/rows.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { QuittanceError } from '../errors.ts';
import type { Caller } from '../http/caller.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { type Passwords } from './passwords.ts';
import * as rows from './rows.ts';
import { deleteSessions } from './session-rows.ts';

export interface AdminOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  passwords: Passwords;
}

const CONFIGURATION: Caller = {
  kind: 'cli',
  id: 'cli',
  name: 'QUITTANCE_ADMIN_PASSWORD',
  role: null,
  address: null,
};

/** Makes the operator `admin`, or gives it this password if it has another; its sessions end then. */
export async function configureAdmin(
  { database, clock, logger, passwords }: AdminOptions,
  password: string,
): Promise<void> {
  const known = await rows.storedPassword(database.sql, 'admin');
  if (known && (await passwords.verify(password, known.password)) === true) return;
  const hash = await passwords.hash(password);
  if (hash === null) {
    throw new QuittanceError({ code: 'busy', message: 'Too many passwords are looked at. Start again.' });
  }
  const now = new Date(clock.now());
  await database.transaction(async (sql) => {
    const made = await rows.insertOperator(sql, { id: newId('opr'), name: 'admin', role: 'admin', now });
    const admin = made ?? (await rows.operatorByName(sql, 'admin'));
    if (!admin) return;
    await rows.setPassword(sql, admin.id, hash);
    await deleteSessions(sql, admin.id, null);
    const line = { request: randomUUID(), caller: CONFIGURATION, action: 'configureAdmin', detail: {} };
    await addAudit(sql, { ...line, target: admin.id, outcome: 'done' });
  });
  logger.info('the password of the operator "admin" is that of QUITTANCE_ADMIN_PASSWORD');
}
