import type { Api } from '../http/api.ts';
import type { Problem } from '../http/problem.ts';
import { badField } from '../http/request.ts';
import { SIGNED_OUT } from './gate.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { deleteLinks } from './link-rows.ts';
import { weakness } from './passwords.ts';
import * as problems from './problems.ts';
import * as rows from './rows.ts';
import * as operations from './session-operations.ts';
import { csrfTokenOf, NO_SESSION } from './sessions.ts';
import type { Asking, SignedIn, SignIn, SignInOptions } from './sign-in.ts';

export interface SessionRoutesOptions extends SignInOptions {
  signIn: SignIn;
  /** Told of each try to sign in: `accepted`, or the code of the problem. */
  count: (result: string) => void;
  /** What the console has to know of this place. */
  place: { livemode: boolean; shop_name: string; version: string; stripe: { dashboard: string } };
  /** The name of the OpenID provider, if there is one. */
  oidc: string | null;
  /** The password of `admin` comes from the options. */
  adminIsConfigured: boolean;
}

/** Signing in and out, and what one can do about one's own sessions. */
export function sessionRoutes(api: Api, options: SessionRoutesOptions): void {
  const { signIn, sessions, database } = options;
  const counted = (signedIn: SignedIn): ReturnType<typeof answerOf> => {
    options.count('problem' in signedIn ? signedIn.problem.code : 'accepted');
    return answerOf(signedIn, options.browsers);
  };

  api.on(operations.GET_SESSION, async ({ request, caller }) => {
    const ways = { password: await rows.anyPassword(database.sql), oidc: options.oidc };
    const { livemode, shop_name } = options.place;
    const session = caller.kind === 'operator' ? await sessions.of(request) : null;
    const operator = session && (await rows.operatorById(database.sql, session.operator));
    if (!session || !operator) {
      return { problem: { ...SIGNED_OUT, extra: { sign_in: ways, livemode, shop_name } } };
    }
    const { id, name, has_password, role } = operator;
    return {
      value: {
        operator: { id, name, has_password },
        role,
        session: session.id,
        csrf_token: csrfTokenOf(request),
        idle_ends_at: sessions.idleEndOf(session).toISOString(),
        ends_at: session.ends_at.toISOString(),
        ...options.place,
        sign_in: ways,
      },
    };
  });

  api.on(operations.SIGN_IN, async ({ body, ...asking }) => counted(await signIn.byPassword(asking, body)));

  api.on(operations.SIGN_IN_BY_LINK, async ({ body, ...asking }) =>
    counted(await signIn.byLink(asking, body.token)),
  );

  api.on(operations.SET_PASSWORD, async ({ body, ...asking }) => {
    if (options.adminIsConfigured && (await signIn.ownerOf(body.token)) === 'admin') {
      return { problem: problems.PASSWORD_IS_CONFIGURED };
    }
    return counted(await signIn.bySetPassword(asking, body));
  });

  api.on(operations.SIGN_OUT, async ({ caller }) => {
    const { session } = caller;
    if (session === undefined) return { problem: problems.NOT_A_SESSION };
    const ended = Number(await sessions.end(session, caller.id));
    return { value: { ended }, headers: { 'set-cookie': NO_SESSION } };
  });

  ownSessionRoutes(api, options);
}

function ownSessionRoutes(api: Api, options: SessionRoutesOptions): void {
  const { sessions } = options;

  api.on(operations.LIST_OWN_SESSIONS, async ({ caller }) => {
    if (caller.session === undefined) return { problem: problems.NOT_A_SESSION };
    const found = await sessions.listOf(caller.id);
    const data = found.map(({ id, created_at, last_seen_at, ends_at, address, user_agent }) => ({
      id,
      current: id === caller.session,
      created_at: created_at.toISOString(),
      last_seen_at: last_seen_at.toISOString(),
      ends_at: ends_at.toISOString(),
      address,
      user_agent,
    }));
    return { value: { data } };
  });

  api.on(operations.END_OWN_SESSION, async ({ caller, params }) => {
    if (caller.session === undefined) return { problem: problems.NOT_A_SESSION };
    const ended = await sessions.end(params.id ?? '', caller.id);
    return ended ? { value: { ended: 1 } } : { problem: problems.SESSION_NOT_FOUND };
  });

  api.on(operations.CHANGE_PASSWORD, async ({ body, ...asking }) => {
    const changed = await changePassword(options, asking, body);
    return 'problem' in changed ? changed : { value: changed };
  });
}

async function changePassword(
  { database, sessions, signIn, passwords, adminIsConfigured }: SessionRoutesOptions,
  asking: Asking,
  { current, password }: { current: string; password: string },
): Promise<{ ended: number } | { problem: Problem }> {
  const { session, name, id } = asking.caller;
  if (session === undefined) return { problem: problems.NOT_A_SESSION };
  if (adminIsConfigured && name === 'admin') return { problem: problems.PASSWORD_IS_CONFIGURED };
  const why = weakness(password, name);
  if (why !== null) return { problem: badField('password', why) };
  const known = await rows.storedPassword(database.sql, name);
  if (!known) return { problem: problems.NO_PASSWORD };
  // Who found an open console must not find out the password there.
  const wrong = await signIn.check(asking, { name, password: current, known });
  if (wrong) return { problem: wrong === problems.WRONG_CREDENTIALS ? problems.WRONG_PASSWORD : wrong };
  const hash = await passwords.hash(password);
  if (hash === null) return { problem: problems.BUSY };
  return database.transaction(async (sql) => {
    await rows.setPassword(sql, id, hash);
    // Whoever has found a link must not set another.
    await deleteLinks(sql, id);
    return { ended: await sessions.endAll(sql, id, session) };
  });
}

function answerOf(signedIn: SignedIn, browsers: KnownBrowsers) {
  if ('problem' in signedIn) return signedIn;
  const { operator, cookie } = signedIn;
  const { id, name, role } = operator;
  const headers = [cookie, browsers.cookieFor(name)].map((each): [string, string] => ['set-cookie', each]);
  return { value: { operator: { id, name }, role }, status: 201, headers };
}
