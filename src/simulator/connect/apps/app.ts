import type { SigningSecret } from '../../events/sign.ts';
import type { Engine } from '../../realm.ts';
import { NOWHERE } from '../../store/store.ts';

const KIND = '_app';

/** The app under test. */
export interface App {
  /** As its manifest has it, `com.example.app`. */
  id: string;
  /** What the requests of its extension are signed with, the newest first. */
  secrets: SigningSecret[];
}

/** The app as it is now: what was said at start, or by the control API since. */
export function appOf({ store, settings }: Engine): App {
  const row = store.table(NOWHERE, KIND).get(KIND);
  if (row) return row.object as unknown as App;
  return { id: settings.app.id, secrets: [{ secret: settings.app.secret, expires_at: null }] };
}

/** The secret that the app's settings show. */
export function appSecret(engine: Engine): string {
  return appOf(engine).secrets[0]?.secret ?? '';
}

/** Changes the app; it stays so until the next reset. */
export function changeApp(engine: Engine, changes: Partial<App>): void {
  const app = { ...appOf(engine), ...changes };
  engine.store.transaction(() => engine.store.put(NOWHERE, KIND, KIND, { ...app }));
}

/** Gives the app a new secret. The old one signs beside it until `endsAt`, in Unix seconds. */
export function rollAppSecret(engine: Engine, secret: string, endsAt: number): void {
  const now = engine.clock.seconds();
  const old = appOf(engine).secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
  const ending = old.map((each) => ({ ...each, expires_at: Math.min(each.expires_at ?? endsAt, endsAt) }));
  changeApp(engine, { secrets: [{ secret, expires_at: null }, ...ending] });
}
