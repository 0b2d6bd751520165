import { expect } from '../expect.ts';
import type { AppCast } from './cast.ts';
import { installsOf } from './installs.ts';
import { refusalOf } from './requests.ts';

/** What an account does not let the app do, its user is told in Stripe's words. */
export async function permissions(cast: AppCast): Promise<void> {
  const { screen, app, dashboard, watch } = cast;
  screen.heading('Permissions');
  const customer = await app.makeCustomer(cast.test, 'test', 'Cleo');
  await screen.step('an account grants the app less: the server is told', async () => {
    await app.grant(cast.test, 'test', ['payment_intent_read', 'event_read']);
    const granted = await watch.until('the permissions to be known', async () => {
      const [install] = await installsOf(cast, cast.test, 'test');
      return install?.permissions_granted.includes('payment_intent_read') ? install : null;
    });
    return granted.permissions_granted.join(', ');
  });
  await screen.step('reading a customer for them is refused by Stripe, and that is passed on', async () => {
    const refused = await refusalOf((await dashboard.open(cast.test, 'test')).list(customer));
    expect(refused?.status === 403, `answered ${refused?.status} ${refused?.code}`);
    return `403 ${refused?.code}: ${refused?.detail.slice(0, 90)}…`;
  });
  await screen.step('granted again, the same request is answered', async () => {
    await app.grant(cast.test, 'test', ['customer_read', 'customer_write', 'event_read', 'secret_write']);
    const { name } = await (await dashboard.open(cast.test, 'test')).list(customer);
    expect(name === 'Cleo', `it reads "${name}"`);
    return `it reads "${name}"`;
  });
}
