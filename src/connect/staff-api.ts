import type { Hono } from 'hono';
import { z } from 'zod';
import { refuseWithoutApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { readOptions } from '../http/request.ts';
import { newId } from '../ids.ts';
import { disconnectSeller } from './disconnect.ts';
import type { DoorOptions } from './door.tsx';
import { sellerPageLink, staffLink, type SignedLink } from './links.ts';
import * as problems from './problems.ts';
import type { Reading } from './request.ts';
import { sellerById } from './rows.ts';
import { publicSeller, type SellerRow } from './seller.ts';

const closeSchema = z.strictObject({
  close_account: z.boolean({ error: 'must be true or false' }).default(false),
});

/** Under the API key: links into the pages of staff and sellers, and the end of a connection. */
export function connectApiRoutes(app: Hono, options: DoorOptions): void {
  const { settings, clock } = options;

  app.post('/api/connect/staff-links', (context) => {
    const refused = refuseWithoutApiKey(context.req.raw, settings.apiKey);
    return refused ? problemResponse(refused) : linkAnswer(staffLink(settings, newId('stf'), clock));
  });

  app.post('/api/connect/sellers/:id/page-links', async (context) => {
    const found = await sellerFor(options, context.req.raw, context.req.param('id'));
    if ('problem' in found) return problemResponse(found.problem);
    return linkAnswer(sellerPageLink(settings, found.value, clock));
  });

  app.post('/api/connect/sellers/:id/disconnect', async (context) => {
    const found = await sellerFor(options, context.req.raw, context.req.param('id'));
    if ('problem' in found) return problemResponse(found.problem);
    const close = await readClose(context.req.raw);
    if ('problem' in close) return problemResponse(close.problem);
    const done = await disconnectSeller(options, found.value, { close: close.value });
    if ('problem' in done) return problemResponse(done.problem);
    return Response.json(publicSeller(done.value), { headers: { 'cache-control': 'no-store' } });
  });
}

async function sellerFor(
  { settings, database, livemode }: DoorOptions,
  request: Request,
  id: string,
): Promise<Reading<SellerRow>> {
  const refused = refuseWithoutApiKey(request, settings.apiKey);
  if (refused) return { problem: refused };
  const seller = await sellerById(database.sql, id);
  return seller?.livemode === livemode ? { value: seller } : { problem: problems.NOT_FOUND };
}

function linkAnswer({ url, expiresAt }: SignedLink): Response {
  const body = { url, expires_at: expiresAt.toISOString() };
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } });
}

async function readClose(request: Request): Promise<Reading<boolean>> {
  const body = await readOptions(request);
  if ('problem' in body) return body;
  const parsed = closeSchema.safeParse(body.value);
  return parsed.success ? { value: parsed.data.close_account } : { problem: BAD_BODY };
}

const BAD_BODY: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'The body must be empty, {} or {"close_account":true}.',
};
