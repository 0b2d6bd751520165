import { appendFileSync } from 'node:fs';
import { FAILPOINTS, noFailpoints, type Failpoint, type ReachFailpoint } from '../failpoints.ts';
import { QuittanceError } from '../errors.ts';

/**
 * For fault tests: `QUITTANCE_FAILPOINT=store.after_commit:3` kills this process the third time it gets
 * there. What was reached is first written to `QUITTANCE_FAILPOINT_LOG`.
 */
export function reachFromEnvironment(env: NodeJS.ProcessEnv): ReachFailpoint {
  const setting = env.QUITTANCE_FAILPOINT;
  if (!setting) return noFailpoints;
  const [name = '', count = '1'] = setting.split(':');
  if (!FAILPOINTS.includes(name as Failpoint)) {
    throw new QuittanceError({
      code: 'invalid_options',
      message: `QUITTANCE_FAILPOINT: no place is called "${name}".`,
    });
  }
  let left = Number(count);
  return (reached) => {
    if (reached !== name || (left -= 1) > 0) return;
    if (env.QUITTANCE_FAILPOINT_LOG) appendFileSync(env.QUITTANCE_FAILPOINT_LOG, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is delivered before the next instruction that matters; nothing may follow.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  };
}
