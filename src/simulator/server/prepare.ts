import type { IncomingHttpHeaders } from 'node:http';
import { checkJsonTypes } from '../contract/json-types.ts';
import { checkParams, type Params } from '../contract/validate.ts';
import { Realm, type Engine } from '../realm.ts';
import type { World } from '../store/store.ts';
import { currentRoute, modernize, readVersion, refuseRemoved } from '../versions/params.ts';
import { refuseUnpermitted } from '../connect/apps/permissions.ts';
import { noAccess } from '../connect/directory.ts';
import { ownerOf } from '../connect/keys.ts';
import { allow, authenticate, type Caller } from './auth.ts';
import type { Call } from './call.ts';
import { badParameter, noSuchRoute } from './errors.ts';
import { elements, malformedUpload, notAForm, parseForm, type FormObject, type FormValue } from './form.ts';
import { fingerprint, type KeyUse } from './idempotency.ts';
import { parseJson } from './json.ts';
import { checkPage } from './v2-page.ts';

/** The words of enums are only enforced from this version on: older ones had some that are gone. */
const ENUMS_SINCE = '2024-09-30.acacia';

/**
 * What `stripe trigger` sends is of this time: the CLI names no version, and takes its user's account to be
 * as old. The answer is in the account's version all the same.
 */
const CLI_FIXTURES_VERSION = '2024-06-20';
const CLI = /\bstripe-cli\//;

/** One HTTP request to the API, read to its end. */
export interface ApiRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What is known of a request before it is carried out. */
export interface Prepared {
  request: ApiRequest;
  call: Call;
  expansions: string[];
  key: KeyUse | undefined;
}

/** What was found out before a request was refused: the headers of its answer, and whose request it is. */
export interface Findings {
  headers: Record<string, string>;
  realm?: Realm;
}

/** Finds out who asks for what and checks the parameters. Fills `found` on the way. */
export function prepare(engine: Engine, request: ApiRequest, requestId: string, found: Findings): Prepared {
  const { headers } = found;
  const { method, path } = request;
  const v2 = path.startsWith('/v2/');
  const body = v2 && method === 'POST' ? parseJson(request.body) : undefined;
  const form = body?.form ?? readForms(request);
  const caller = authenticate(request.headers, takeText(form, 'key'));
  const named = one(request.headers['stripe-version']) ?? takeText(form, '_stripe_version');
  const version =
    named === undefined ? engine.settings.apiVersion : readVersion(named, engine.contract.apiVersion);
  headers['stripe-version'] = version;
  allow(caller, method, path);
  const match = engine.contract.match(...currentRoute(method, path, version));
  if (!match) throw noSuchRoute(method, path);
  const { operation, ids } = match;
  const idempotencyKey = one(request.headers['idempotency-key']) ?? null;
  if (idempotencyKey !== null) headers['idempotency-key'] = idempotencyKey;
  const world = worldOf(engine, caller, request.headers, headers);
  const realm = new Realm(engine, world, { id: requestId, idempotencyKey });
  found.realm = realm;
  refuseUnpermitted({ realm, caller, operation, ids });
  const expansions = listOf(take(form, 'expand'));
  // Browsers send it to every route; only where an intent is read do the docs name it.
  const secret = caller.kind === 'publishable' ? takeText(form, 'client_secret') : undefined;
  const fixture = named === undefined && CLI.test(request.headers['user-agent'] ?? '');
  const asked = fixture && version > CLI_FIXTURES_VERSION ? CLI_FIXTURES_VERSION : version;
  // The cursor of a list of /v2 stands in the addresses that it gives, and in no parameter's type.
  const page = operation.kind === 'v2list' ? takeText(form, 'page') : undefined;
  if (page !== undefined) checkPage(page);
  if (body) checkJsonTypes(engine.contract, operation.in, body.json);
  const params = checked({ realm, operation, ids }, form, asked);
  if (secret !== undefined) params['client_secret'] = secret;
  if (page !== undefined) params['page'] = page;
  const call: Call = { realm, caller, operation, ids, params, version, path, magic: new Map() };
  const keyed = idempotencyKey !== null && (method === 'POST' || (v2 && method === 'DELETE'));
  const key = keyed ? { key: idempotencyKey, fingerprint: fingerprint(request.body), path } : undefined;
  return { request, call, expansions, key };
}

function checked(
  about: Pick<Call, 'realm' | 'operation' | 'ids'>,
  form: FormObject,
  version: string,
): Params {
  const { operation, realm } = about;
  const { contract } = realm.engine;
  refuseRemoved(operation, form, version);
  const older = modernize(about, form, version);
  return Object.assign(checkParams(contract, operation.in, form, version >= ENUMS_SINCE), older);
}

/**
 * The account that is meant: the key's own, or the connected one that `Stripe-Account` or `Stripe-Context`
 * names.
 */
function worldOf(
  engine: Engine,
  caller: Caller,
  headers: IncomingHttpHeaders,
  answer: Record<string, string>,
): World {
  const { livemode } = caller;
  const own = ownerOf(engine, caller.key, livemode);
  const named = one(headers['stripe-account']) ?? one(headers['stripe-context'])?.split('/').at(-1);
  if (named === undefined || named === '' || named === own) return { account: own, livemode };
  const platform = engine.settings.account;
  const row = engine.store.table({ account: platform, livemode }, 'account').get(named);
  const connected = row !== undefined && row.hidden?.['gone'] !== true;
  if (own !== platform || !connected) throw noAccess(caller.key, named);
  answer['stripe-account'] = named;
  return { account: named, livemode };
}

function readForms({ method, query, body, headers }: ApiRequest): FormObject {
  if (/\bjson\b/.test(headers['content-type'] ?? '') && body !== '') throw notAForm();
  // One that could be read is a form by now; see files/multipart.ts.
  if (/^multipart\/form-data\b/i.test(headers['content-type'] ?? '') && method === 'POST')
    throw malformedUpload();
  if (query === '' || method !== 'POST') return parseForm(joined(query, body));
  return Object.assign(parseForm(query), parseForm(body));
}

function joined(query: string, body: string): string {
  return query === '' || body === '' ? query + body : `${query}&${body}`;
}

/** Takes out a parameter that belongs to the request itself and not to the operation. */
function take(form: FormObject, name: string): FormValue | undefined {
  const value = form[name];
  delete form[name];
  return value;
}

function takeText(form: FormObject, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' ? (take(form, name) as string) : undefined;
}

function listOf(value: FormValue | undefined): string[] {
  if (value === undefined) return [];
  const items = typeof value === 'object' ? elements(value) : undefined;
  if (!items?.every((item) => typeof item === 'string'))
    throw badParameter('Invalid array', { param: 'expand' });
  return items;
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
