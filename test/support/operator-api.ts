import type { Hono } from 'hono';
import { addAudit } from '../../src/audit/rows.ts';
import type { Database } from '../../src/db/database.ts';
import { refuseWithoutApiKey } from '../../src/http/api-key.ts';
import { Api } from '../../src/http/api.ts';
import type { Caller, Gate } from '../../src/http/caller.ts';
import { API_KEY } from './quittance.ts';

const CALLER: Caller = { kind: 'api_key', id: 'api_key', name: 'API key', role: 'admin', address: null };

/** The operator's API under the key of the tests, without a server around it. */
export function operatorApi(app: Hono, database: Database): Api {
  const gate: Gate = async (request) => {
    const problem = refuseWithoutApiKey(request, API_KEY);
    return problem ? { problem } : { caller: CALLER };
  };
  return new Api(app, gate, (entry) => addAudit(database.sql, entry));
}
