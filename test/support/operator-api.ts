import type { Hono } from 'hono';
import { addAudit } from '../../src/audit/rows.ts';
import type { Database } from '../../src/db/database.ts';
import { Api } from '../../src/http/api.ts';
import { apiKeyGate } from '../../src/http/caller.ts';
import { API_KEY } from './quittance.ts';

/** The operator's API under the key of the tests, without a server around it. */
export function operatorApi(app: Hono, database: Database): Api {
  return new Api(app, apiKeyGate(API_KEY), (entry) => addAudit(database.sql, entry));
}
