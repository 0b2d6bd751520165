import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { csvResponse } from '../http/csv.ts';
import { pageOf } from '../http/operation.ts';
import { pagesOf, type Place } from '../http/pages.ts';
import type { Sellers } from './create.ts';
import { startLink, type LinkSettings } from './links.ts';
import {
  ADD_SELLER,
  EXPORT_SELLERS,
  GET_SELLER,
  LIST_SELLERS,
  MAKE_ONBOARDING_LINK,
  REFRESH_SELLER,
} from './operations.ts';
import * as problems from './problems.ts';
import { listSellers, sellerById } from './rows.ts';
import { publicSeller, type SellerRow } from './seller.ts';
import type { SellerSync } from './sync.ts';

export interface SellerRoutesOptions {
  database: Database;
  clock: Clock;
  livemode: boolean;
  settings: LinkSettings;
  sellers: Sellers;
  sync: SellerSync;
}

/** Sellers, for the platform's own server and staff. */
export function sellerRoutes(api: Api, options: SellerRoutesOptions): void {
  const { database, sellers, sync } = options;

  api.on(ADD_SELLER, async ({ body }) => {
    const added = await sellers.add(body);
    if ('problem' in added) return added;
    const { seller, fresh } = added.value;
    const link = linkOf(options, seller) ?? { url: null, expires_at: null };
    return { value: { seller: publicSeller(seller), ...link }, status: fresh ? 201 : 200 };
  });

  api.on(LIST_SELLERS, async ({ query: { livemode = options.livemode, limit, ...filter } }) => {
    const found = await listSellers(database.sql, { ...filter, livemode, limit: limit + 1 });
    return { value: pageOf(found.map(publicSeller), limit, ({ id }) => id) };
  });

  api.on(EXPORT_SELLERS, async ({ query: { livemode = options.livemode, ...filter } }) =>
    csvResponse(
      'sellers',
      COLUMNS,
      pagesOf(
        (page: Place<string>) => listSellers(database.sql, { ...filter, ...page, livemode }),
        ({ id }) => id,
      ),
    ),
  );

  api.on(GET_SELLER, async ({ params, query: { livemode = options.livemode } }) => {
    const seller = await known({ database, livemode }, params.id);
    return seller ? { value: publicSeller(seller) } : { problem: problems.NOT_FOUND };
  });

  api.on(REFRESH_SELLER, async ({ params }) => {
    const seller = await known(options, params.id);
    if (!seller) return { problem: problems.NOT_FOUND };
    try {
      return { value: publicSeller((await sync.refresh(seller.id)) ?? seller) };
    } catch (error) {
      return { problem: problems.ofStripe(error) };
    }
  });

  api.on(MAKE_ONBOARDING_LINK, async ({ params }) => {
    const seller = await known(options, params.id);
    if (!seller) return { problem: problems.NOT_FOUND };
    const completed = await sellers.complete(seller);
    if ('problem' in completed) return completed;
    const link = linkOf(options, completed.value);
    return link ? { value: link, status: 201 } : { problem: problems.DISCONNECTED };
  });
}

/** Where the seller begins or goes on. Who is gone for good has nothing to begin; OAuth can lead back. */
function linkOf(
  { settings, clock }: SellerRoutesOptions,
  seller: SellerRow,
): z.input<typeof MAKE_ONBOARDING_LINK.answer> | null {
  if (seller.status === 'disconnected' && seller.mode !== 'oauth') return null;
  const { url, expiresAt } = startLink(settings, seller, clock);
  return { url, expires_at: expiresAt.toISOString() };
}

async function known(
  { database, livemode }: Pick<SellerRoutesOptions, 'database' | 'livemode'>,
  id = '',
): Promise<SellerRow | null> {
  const seller = await sellerById(database.sql, id);
  return seller?.livemode === livemode ? seller : null;
}

const FIELDS = [
  ...(['id', 'reference', 'livemode', 'status', 'reason', 'mode', 'preset', 'account'] as const),
  ...(['name', 'email', 'country', 'business_type', 'default_currency', 'dashboard'] as const),
  ...(['charges_enabled', 'payouts_enabled', 'details_submitted'] as const),
  ...(['created_at', 'checked_at', 'connected_at', 'disconnected_at'] as const),
];
const COLUMNS = FIELDS.map((name) => ({ name, cell: (seller: SellerRow) => seller[name] }));
