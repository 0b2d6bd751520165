import type { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { badField, readJson } from '../http/request.ts';
import type { Sellers } from './create.ts';
import { startLink, type LinkSettings } from './links.ts';
import * as problems from './problems.ts';
import { readSellerRequest, REFERENCE_CHARACTERS_MAX } from './request.ts';
import { listSellers, sellerById } from './rows.ts';
import { publicSeller, SELLER_STATUSES, type SellerRow } from './seller.ts';
import type { SellerSync } from './sync.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

export interface SellerRoutesOptions {
  database: Database;
  clock: Clock;
  livemode: boolean;
  settings: LinkSettings & { apiKey?: string | undefined };
  sellers: Sellers;
  sync: SellerSync;
}

const querySchema = z.strictObject({
  after: z.string().max(64).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  status: z.enum(SELLER_STATUSES).nullable().default(null),
  reference: z.string().max(REFERENCE_CHARACTERS_MAX).nullable().default(null),
});

/** Sellers, for the platform's own server: under the API key. */
export function sellerRoutes(app: Hono, options: SellerRoutesOptions): void {
  const { database, livemode, settings, sellers, sync } = options;

  app.use('/api/connect/sellers/*', underApiKey(settings.apiKey));

  app.post('/api/connect/sellers', async (context) => {
    const body = await readJson(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    const request = readSellerRequest(body.value);
    if ('problem' in request) return problemResponse(request.problem);
    const added = await sellers.add(request.value);
    if ('problem' in added) return problemResponse(added.problem);
    const { seller, fresh } = added.value;
    return context.json({ seller: publicSeller(seller), ...linkOf(options, seller) }, fresh ? 201 : 200);
  });

  app.get('/api/connect/sellers', async (context) => {
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(badQuery(query.error.issues[0]));
    const { limit } = query.data;
    const found = await listSellers(database.sql, { ...query.data, livemode, limit: limit + 1 });
    const data = found.slice(0, limit).map(publicSeller);
    return context.json({ data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null });
  });

  app.get('/api/connect/sellers/:id', async (context) => {
    const seller = await known(options, context.req.param('id'));
    return seller ? context.json(publicSeller(seller)) : problemResponse(problems.NOT_FOUND);
  });

  app.post('/api/connect/sellers/:id/refresh', async (context) => {
    const seller = await known(options, context.req.param('id'));
    if (!seller) return problemResponse(problems.NOT_FOUND);
    try {
      const fresh = (await sync.refresh(seller.id)) ?? seller;
      return context.json(publicSeller(fresh));
    } catch (error) {
      return problemResponse(problems.ofStripe(error));
    }
  });

  app.post('/api/connect/sellers/:id/link', async (context) => {
    const seller = await known(options, context.req.param('id'));
    if (!seller) return problemResponse(problems.NOT_FOUND);
    const completed = await sellers.complete(seller);
    if ('problem' in completed) return problemResponse(completed.problem);
    const link = linkOf(options, completed.value);
    return link.url === null ? problemResponse(problems.DISCONNECTED) : context.json(link, 201);
  });
}

/** Where the seller begins or goes on. Who is gone for good has nothing to begin; OAuth can lead back. */
function linkOf(
  { settings, clock }: SellerRoutesOptions,
  seller: SellerRow,
): { url: string; expires_at: string } | { url: null; expires_at: null } {
  if (seller.status === 'disconnected' && seller.mode !== 'oauth') return { url: null, expires_at: null };
  const { url, expiresAt } = startLink(settings, seller, clock);
  return { url, expires_at: expiresAt.toISOString() };
}

async function known({ database, livemode }: SellerRoutesOptions, id: string): Promise<SellerRow | null> {
  const seller = await sellerById(database.sql, id);
  return seller?.livemode === livemode ? seller : null;
}

function badQuery(issue: z.core.$ZodIssue | undefined): Problem {
  if (issue?.code === 'unrecognized_keys') {
    return badField(issue.keys[0] ?? '', 'is not a parameter; known are after, limit, status and reference');
  }
  return badField(issue?.path.join('.') ?? '', `is wrong: ${issue?.message}`);
}
