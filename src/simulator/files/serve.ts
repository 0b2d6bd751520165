import { ownerOf } from '../connect/keys.ts';
import type { Engine } from '../realm.ts';
import { authenticate } from '../server/auth.ts';
import { noSuch, StripeError } from '../server/errors.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { Row } from '../store/store.ts';
import type { SiteParts } from '../site.ts';

/** What was uploaded, to who has the account's key. */
export function fileContents({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const id = request.path.split('/').at(-2) ?? '';
  try {
    const { key, livemode } = authenticate(request.headers, undefined);
    const own = ownerOf(engine, key, livemode);
    const row = engine.store.find('file', id);
    const mine = own === row?.account || own === engine.settings.account;
    if (!row || !mine || row.livemode !== livemode) throw noSuch('file', id);
    return bytesOf(row);
  } catch (thrown) {
    if (thrown instanceof StripeError) return asJson(thrown);
    throw thrown;
  }
}

/** What was uploaded, to everybody who has the link. */
export function linkedFile({ engine }: SiteParts, { path }: WebRequest): WebAnswer {
  const secret = path.split('/').at(-1) ?? '';
  const link = linkOf(engine, secret);
  const end = link?.object['expires_at'] as number | null | undefined;
  const expired = typeof end === 'number' && end <= engine.clock.seconds();
  const file = link && !expired ? engine.store.find('file', link.object['file'] as string) : undefined;
  return file ? bytesOf(file) : asJson(noSuch('file link', secret));
}

function linkOf({ store }: Engine, secret: string): Row | undefined {
  for (const row of store.everywhere('file_link')) if (row.hidden?.['secret'] === secret) return row;
  return undefined;
}

function bytesOf({ hidden }: Row): WebAnswer {
  const { data, type } = hidden as { data: string; type: string };
  // Whatever was uploaded is never run as a page of the simulator's.
  const headers = {
    'content-type': type,
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: Buffer.from(data, 'base64') };
}

function asJson({ status, body }: StripeError): WebAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: body }) };
}
