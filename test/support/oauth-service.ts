import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = { id: 'client of the suite', secret: 'the client’s secret: with a colon' };

/** What the service does otherwise than well. */
export interface Mood {
  /** Answers the token endpoint with this status, or not at all. */
  token?: number | 'silent';
  /** Sends the browser back with this error. */
  deny?: { error: string; error_description: string };
  /** Says that this issuer answered; null leaves it out. */
  iss?: string | null;
  /** Does not tell where it is; `oidc`: only at the older place. */
  metadata?: 'none' | 'oidc';
  revoke?: number;
  /** Seconds for which an access token is good. */
  expiresIn?: number;
}

interface Grant {
  redirectUri: string;
  challenge: string;
}

/** Another service: an authorization server with PKCE and rolled refresh tokens, and an API behind it. */
export class OAuthServiceOfTest {
  mood: Mood = {};
  /** Requests so far, by method and path. */
  seen: string[] = [];
  readonly revoked: string[] = [];
  readonly #server: Server;
  readonly #codes = new Map<string, Grant>();
  readonly #refreshTokens = new Set<string>();
  #accessTokens = new Set<string>();
  /** How often each address of the API that fails at first was asked. */
  readonly #asked = new Map<string, number>();

  constructor() {
    this.#server = createServer((request, answer) => void this.#answer(request, answer));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** The API takes none of the access tokens it gave so far. */
  endAccess(): void {
    this.#accessTokens = new Set();
  }

  /** Nor any refresh token: what the user agreed to is taken back. */
  endGrants(): void {
    this.endAccess();
    this.#refreshTokens.clear();
  }

  /** Tokens as they come with a grant. */
  grant(): { access_token: string; refresh_token: string; token_type: string; expires_in?: number } {
    const [access_token, refresh_token] = [`at-${newToken()}`, `rt-${newToken()}`];
    this.#accessTokens.add(access_token);
    this.#refreshTokens.add(refresh_token);
    const { expiresIn: expires_in = 3600 } = this.mood;
    return { access_token, refresh_token, token_type: 'Bearer', expires_in };
  }

  times(request: string): number {
    return this.seen.filter((each) => each === request).length;
  }

  async #answer(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    this.seen.push(`${request.method} ${url.pathname}`);
    if (url.pathname.startsWith('/.well-known/')) return this.#metadata(url, answer);
    if (url.pathname === '/authorize') return this.#authorize(url.searchParams, answer);
    if (url.pathname === '/token') return this.#token(request, form, answer);
    if (url.pathname === '/revoke') {
      this.revoked.push(form.get('token') ?? '');
      return json(answer, this.mood.revoke ?? 200, {});
    }
    return this.#api(request, url, answer);
  }

  #metadata({ pathname }: URL, answer: ServerResponse): void {
    const { metadata } = this.mood;
    const isOlder = pathname.endsWith('/openid-configuration');
    if (metadata === 'none' || (metadata === 'oidc') !== isOlder) return json(answer, 404, {});
    json(answer, 200, {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      revocation_endpoint: `${this.url}/revoke`,
      authorization_response_iss_parameter_supported: true,
    });
  }

  #authorize(query: URLSearchParams, answer: ServerResponse): void {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isRight = query.get('client_id') === CLIENT.id && query.get('code_challenge_method') === 'S256';
    if (!isRight) return json(answer, 400, { error: 'invalid_request' });
    const back = new URL(redirectUri);
    back.searchParams.set('state', query.get('state') ?? '');
    const { iss = this.url, deny } = this.mood;
    if (iss !== null) back.searchParams.set('iss', iss);
    if (deny) for (const [name, value] of Object.entries(deny)) back.searchParams.set(name, value);
    else {
      const code = newToken();
      this.#codes.set(code, { redirectUri, challenge: query.get('code_challenge') ?? '' });
      back.searchParams.set('code', code);
    }
    answer.writeHead(302, { location: back.href }).end();
  }

  #token(request: IncomingMessage, form: URLSearchParams, answer: ServerResponse): void {
    const { token } = this.mood;
    if (token === 'silent') return;
    if (token !== undefined) return json(answer, token, { error: 'server_trouble' });
    if (!isClient(request, form)) {
      answer.setHeader('www-authenticate', 'Basic realm="service"');
      return json(answer, 401, { error: 'invalid_client' });
    }
    const isGood =
      form.get('grant_type') === 'refresh_token' ? this.#takeRefresh(form) : this.#takeCode(form);
    if (isGood) json(answer, 200, this.grant());
    else json(answer, 400, { error: 'invalid_grant', error_description: 'it was used, or is not ours' });
  }

  #takeRefresh(form: URLSearchParams): boolean {
    return this.#refreshTokens.delete(form.get('refresh_token') ?? '');
  }

  #takeCode(form: URLSearchParams): boolean {
    const code = form.get('code') ?? '';
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    return grant?.challenge === challenge && grant.redirectUri === form.get('redirect_uri');
  }

  /** `/api/…`: 200 with who asked; `fail` many times something else first. */
  #api(request: IncomingMessage, url: URL, answer: ServerResponse): void {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.#accessTokens.has(token)) return json(answer, 401, { error: 'invalid_token' });
    const asked = (this.#asked.get(url.href) ?? 0) + 1;
    this.#asked.set(url.href, asked);
    const how = url.searchParams.get('how') ?? '';
    if (asked > Number(url.searchParams.get('fail') ?? 0)) return json(answer, 200, { token });
    if (how === 'silent') return;
    if (how === 'reset') return void request.socket.resetAndDestroy();
    const after = url.searchParams.get('after');
    if (after !== null) answer.setHeader('retry-after', after);
    json(answer, Number(how), { error: how });
  }
}

function isClient(request: IncomingMessage, form: URLSearchParams): boolean {
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '')?.[1];
  const [id, secret] =
    basic === undefined
      ? [form.get('client_id'), form.get('client_secret')]
      : Buffer.from(basic, 'base64')
          .toString()
          .split(':')
          .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  return id === CLIENT.id && secret === CLIENT.secret;
}

function json(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
