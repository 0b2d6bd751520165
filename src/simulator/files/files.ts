import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import { emptyList } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
const OTHER_BYTES_MAX = 16 * MEGABYTE;
const LINKS_SHOWN = 10;

/** docs.stripe.com/file-upload: what may be uploaded for which purpose. */
const PURPOSES: Record<string, { bytesMax: number; types: readonly string[] }> = {
  account_requirement: { bytesMax: 10 * MEGABYTE, types: ['jpg', 'pdf', 'png'] },
  additional_verification: { bytesMax: 10 * MEGABYTE, types: ['jpg', 'pdf', 'png'] },
  business_icon: { bytesMax: 512 * KILOBYTE, types: ['gif', 'jpg', 'png'] },
  business_logo: { bytesMax: 512 * KILOBYTE, types: ['gif', 'jpg', 'png'] },
  customer_signature: { bytesMax: 4 * MEGABYTE, types: ['gif', 'jpg', 'png'] },
  dispute_evidence: { bytesMax: 5 * MEGABYTE, types: ['jpg', 'pdf', 'png'] },
  identity_document: { bytesMax: 10 * MEGABYTE, types: ['jpg', 'pdf', 'png'] },
};

/** An upload as files/multipart.ts leaves it. */
interface Upload {
  name: string;
  type: string;
  data?: string;
}

/** docs.stripe.com/api/files and /api/file_links */
export const files: Resource = {
  routes: {
    'POST /v1/files': create,
    'POST /v1/file_links': createLink,
    'POST /v1/file_links/{}': updateLink,
  },
  live: {
    file: (realm, object) => ({ ...object, links: linksOf(realm, object.id ?? '') }),
    file_link: withExpiry,
  },
};

function create({ realm, params }: Call): StripeObject {
  const upload = params['file'] as Upload | string;
  if (typeof upload === 'string' || upload.data === undefined)
    throw badParameter('Invalid file: send it as multipart/form-data.', { param: 'file' });
  const data = Buffer.from(upload.data, 'base64');
  // The log of requests has no use for the bytes.
  delete upload.data;
  const purpose = params['purpose'] as Stripe.File.Purpose;
  const type = extensionOf(upload.name);
  checkUpload(data.length, type, purpose);
  const id = realm.newId('file');
  const fields = {
    id,
    expires_at: null,
    filename: upload.name,
    purpose,
    size: data.length,
    title: null,
    type,
  };
  const url = `${realm.engine.settings.url}/v1/files/${id}/contents`;
  const hidden = { data: data.toString('base64'), type: upload.type };
  const file = realm.insert('file', { ...fields, url }, hidden);
  const link = params['file_link_data'] as Params | undefined;
  if (link?.['create'] === true) makeLink(realm, id, link);
  realm.emit('file.created', file);
  return asObject(file);
}

function checkUpload(size: number, type: string, purpose: string): void {
  if (size === 0) throw badParameter('The file is empty.', { param: 'file' });
  const { bytesMax, types } = PURPOSES[purpose] ?? { bytesMax: OTHER_BYTES_MAX, types: undefined };
  if (size > bytesMax)
    throw badParameter(`The file is too large: for ${purpose} it may have at most ${bytesMax} bytes.`, {
      code: 'file_too_large',
      param: 'file',
    });
  if (types && !types.includes(type))
    throw badParameter(`A file for ${purpose} must be one of these: ${types.join(', ')}.`, { param: 'file' });
}

function createLink({ realm, params }: Call): StripeObject {
  const id = params['file'] as string;
  realm.need('file', id, 'file');
  const link = asObject(makeLink(realm, id, params));
  realm.emit('file_link.created', link);
  return link;
}

function makeLink(realm: Realm, file: string, params: Params): Stripe.FileLink {
  const expires_at = (params['expires_at'] as number | null | undefined) ?? null;
  if (expires_at !== null && expires_at <= realm.now)
    throw badParameter('expires_at must be in the future.', { param: 'expires_at' });
  const secret = realm.secret(40);
  const fields = { expires_at, file, metadata: mergeMetadata({}, params['metadata']) };
  return realm.insert(
    'file_link',
    { ...fields, url: `${realm.engine.settings.url}/links/${secret}` },
    { secret },
  );
}

function updateLink({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('file_link', ids[0] ?? '');
  const { expires_at: end, metadata } = params;
  const after = realm.change('file_link', before.id, {
    metadata: mergeMetadata(before.metadata, metadata),
    ...(end !== undefined && { expires_at: end === 'now' ? realm.now : (end as number | null) }),
  });
  realm.emit('file_link.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function linksOf(realm: Realm, file: string): StripeObject {
  const links = realm.where('file_link', 'file', file).toReversed();
  const data = links.slice(0, LINKS_SHOWN).map((link) => withExpiry(realm, asObject(link)));
  return { ...emptyList(`/v1/file_links?file=${file}`), data, has_more: links.length > LINKS_SHOWN };
}

function withExpiry(realm: Realm, link: StripeObject): StripeObject {
  const end = link['expires_at'] as number | null;
  return { ...link, file: idOf(link['file'] as string), expired: end !== null && end <= realm.now };
}

function extensionOf(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  if (extension === '') throw missingParameter('file[name]');
  return extension === 'jpeg' ? 'jpg' : extension;
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
