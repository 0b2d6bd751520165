import { expect } from '../expect.ts';
import type { ServerProcess } from '../server.ts';
import type { AppCast } from './cast.ts';
import { refusalOf } from './requests.ts';

const A_DAY_SECONDS = 24 * 60 * 60;

/** The signing secret is replaced while requests come in. */
export async function rotation(cast: AppCast): Promise<void> {
  const { screen, app, dashboard, servers } = cast;
  const customer = await app.makeCustomer(cast.both, 'test', 'Dora');
  const call = async (): Promise<string> => {
    const refused = await refusalOf((await dashboard.open(cast.both, 'test')).list(customer));
    return refused?.code ?? 'answered';
  };
  screen.heading('The app’s secret is replaced');
  let secrets = { secret: '', previous: '' };
  await screen.step(
    'Stripe signs with both secrets: a server that has only the old one goes on',
    async () => {
      secrets = await app.rollSecret(A_DAY_SECONDS);
      expect((await call()) === 'answered', 'it was refused');
      return `two signatures in each header, ${await call()}`;
    },
  );
  await screen.step('with both secrets configured it goes on as well', async () => {
    await restart(servers.test, { STRIPE_APP_SECRET: `${secrets.secret},${secrets.previous}` });
    expect((await call()) === 'answered', 'it was refused');
    return 'STRIPE_APP_SECRET=new,old: answered';
  });
  await screen.step(
    'the old secrets end: who has only those refuses, who has the new one answers',
    async () => {
      const { secret } = await app.rollSecret(0);
      await restart(servers.test, { STRIPE_APP_SECRET: `${secrets.secret},${secrets.previous}` });
      const before = await call();
      for (const mode of ['test', 'live'] as const) {
        await restart(servers[mode], { STRIPE_APP_SECRET: secret });
      }
      const after = await call();
      expect(before === 'invalid_signature' && after === 'answered', `old: ${before}, new: ${after}`);
      return `old: ${before}, new: ${after}`;
    },
  );
}

async function restart(server: ServerProcess, env: NodeJS.ProcessEnv): Promise<void> {
  await server.stop();
  await server.start(env);
}
