import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expressQuittance } from '../../src/http/express.ts';
import { createQuittance, type Quittance } from '../../src/quittance.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, WEBHOOK_SECRET } from '../support/events.ts';
import { recordedLog } from '../support/log.ts';
import { postWebhook, SECRET } from '../support/quittance.ts';

let databaseUrl: string;

beforeAll(async () => {
  ({ url: databaseUrl } = await freshDatabase());
});

async function mounted(mount: (app: Express, quittance: Quittance) => void): Promise<string> {
  const quittance = createQuittance({
    databaseUrl,
    secret: SECRET,
    stripeWebhookSecret: WEBHOOK_SECRET,
    logger: recordedLog().logger,
  });
  const app = express();
  mount(app, quittance);
  await quittance.start({ work: false });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await quittance.stop();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('mounted in Express', () => {
  it('takes its own addresses and passes the others on', async () => {
    const url = await mounted((app, quittance) => {
      app.get('/mine', (_request, response) => void response.send('mine'));
      app.use(expressQuittance(quittance));
      app.get('/later', (_request, response) => void response.send('later'));
    });
    expect(await (await fetch(`${url}/mine`)).text()).toBe('mine');
    expect(await (await fetch(`${url}/later`)).text()).toBe('later');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await postWebhook(url, makeEvent())).status).toBe(200);
    expect((await fetch(`${url}/api/webhook`)).status).toBe(405);
  });

  it('still verifies the bytes when express.raw() has read them', async () => {
    const url = await mounted((app, quittance) => {
      app.use(express.raw({ type: '*/*' }));
      app.use(expressQuittance(quittance));
    });
    expect((await postWebhook(url, makeEvent())).status).toBe(200);
    expect((await postWebhook(url, makeEvent(), { 'stripe-signature': 't=1,v1=x' })).status).toBe(400);
  });

  it('says what is wrong when express.json() has read them', async () => {
    const url = await mounted((app, quittance) => {
      app.use(express.json());
      app.use(expressQuittance(quittance));
    });
    const answer = await postWebhook(url, makeEvent());
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: 'raw_body_missing' });
  });
});
