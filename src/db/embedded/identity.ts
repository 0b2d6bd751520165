import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { QuittanceError } from '../../errors.ts';

/** The unprivileged user that PostgreSQL runs as when we are root, which it refuses to run as. */
export interface Identity {
  name: string;
  uid: number;
  gid: number;
}

const USER = 'postgres';
const FALLBACK_USER = 'nobody';

/**
 * Null when we are not root: PostgreSQL then runs as ourselves. A data directory that exists keeps its owner,
 * whatever users have come and gone since.
 */
export function unprivilegedIdentity(dataDirectory: string): Identity | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const known = lookUp(USER);
  if (known) return known;
  // `useradd` is Debian's and Red Hat's, `adduser` BusyBox's; a read-only system has neither.
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]);
  const created = lookUp(USER) ?? lookUp(FALLBACK_USER);
  if (created) return created;
  throw new QuittanceError({
    code: 'no_unprivileged_user',
    message:
      `PostgreSQL refuses to run as root, and there is no user "${USER}" and none could be created. ` +
      `Create it (useradd --system ${USER}), run as an ordinary user, or set DATABASE_URL.`,
  });
}

/** Can this user run that program, or enter that folder? Asked of the system, not worked out from modes. */
export function canUse(identity: Identity, what: { run: string } | { enter: string }): boolean {
  const { uid, gid } = identity;
  const asked =
    'run' in what
      ? spawnSync(what.run, ['--version'], { uid, gid, stdio: 'ignore', cwd: '/' })
      : spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', what.enter], { uid, gid, stdio: 'ignore', cwd: '/' });
  return asked.status === 0;
}

function lookUp(name: string): Identity | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (!line) return null;
  const [, , uid, gid] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid) };
}
