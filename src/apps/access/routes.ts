import type { Hono } from 'hono';
import { z } from 'zod';
import { underApiKey } from '../../http/api-key.ts';
import { problemResponse } from '../../http/problem.ts';
import { invalidRequest, readJson } from '../../http/request.ts';
import type { RestrictedKeys } from './restricted-keys.ts';

const PATH = '/api/apps/installs/restricted-key';

const bodySchema = z.strictObject({
  account: z.string('must be the id of an account: acct_…'),
  key: z.string('must be a restricted key: rk_test_… or rk_live_…'),
});

/** Where the platform's own server hands in the restricted key of an account. */
export function restrictedKeyRoutes(
  app: Hono,
  { keys, apiKey }: { keys: Pick<RestrictedKeys, 'keep'>; apiKey: string | undefined },
): void {
  app.put(PATH, underApiKey(apiKey), async (context) => {
    const read = await readJson(context.req.raw);
    if ('problem' in read) return problemResponse(read.problem);
    const parsed = bodySchema.safeParse(read.value);
    if (!parsed.success) {
      return problemResponse(invalidRequest(parsed.error, '{"account":"acct_…","key":"rk_…"}'));
    }
    const kept = await keys.keep(parsed.data);
    return 'problem' in kept ? problemResponse(kept.problem) : context.json(kept.value);
  });
}
