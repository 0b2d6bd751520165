import type { z } from 'zod';
import type { Api } from '../http/api.ts';
import { newId } from '../ids.ts';
import { disconnectSeller } from './disconnect.ts';
import type { DoorOptions } from './door.tsx';
import { sellerPageLink, staffLink, type SignedLink } from './links.ts';
import { DISCONNECT_SELLER, MAKE_SELLER_PAGE_LINK, MAKE_STAFF_LINK } from './operations.ts';
import * as problems from './problems.ts';
import type { Reading } from './request.ts';
import { sellerById } from './rows.ts';
import { publicSeller, type SellerRow } from './seller.ts';

/** Links into the pages of staff and sellers, and the end of a connection. */
export function connectApiRoutes(api: Api, options: DoorOptions): void {
  const { settings, clock } = options;

  api.on(MAKE_STAFF_LINK, async () => made(staffLink(settings, newId('stf'), clock)));

  api.on(MAKE_SELLER_PAGE_LINK, async ({ params }) => {
    const found = await sellerFor(options, params.id);
    return 'problem' in found ? found : made(sellerPageLink(settings, found.value, clock));
  });

  api.on(DISCONNECT_SELLER, async ({ params, body }) => {
    const found = await sellerFor(options, params.id);
    if ('problem' in found) return found;
    const done = await disconnectSeller(options, found.value, { close: body.close_account });
    return 'problem' in done ? done : { value: publicSeller(done.value) };
  });
}

async function sellerFor({ database, livemode }: DoorOptions, id = ''): Promise<Reading<SellerRow>> {
  const seller = await sellerById(database.sql, id);
  return seller?.livemode === livemode ? { value: seller } : { problem: problems.NOT_FOUND };
}

function made({ url, expiresAt }: SignedLink): {
  value: z.input<typeof MAKE_STAFF_LINK.answer>;
  status: number;
} {
  return { value: { url, expires_at: expiresAt.toISOString() }, status: 201 };
}
