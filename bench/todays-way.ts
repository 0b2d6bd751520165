/** The way of the tutorials: Express, `express.raw`, `constructEvent`, one INSERT for each request. */
import express from 'express';
import pg from 'pg';
import Stripe from 'stripe';
import { SECRET } from './event.ts';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const stripe = new Stripe('sk_test_bench');
await pool.query(`
  create table if not exists todays_event (
    id text primary key, type text not null, payload jsonb not null, received_at timestamptz default now())`);

const app = express();
app.post('/webhook', express.raw({ type: 'application/json' }), async (request, response) => {
  let event: Stripe.Event;
  try {
    event = stripe.webhooks.constructEvent(
      request.body as Buffer,
      request.header('stripe-signature') ?? '',
      SECRET,
    );
  } catch (error) {
    response.status(400).send(`Webhook Error: ${(error as Error).message}`);
    return;
  }
  await pool.query(
    'insert into todays_event (id, type, payload) values ($1, $2, $3) on conflict do nothing',
    [event.id, event.type, JSON.stringify(event)],
  );
  response.json({ received: true });
});
app.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
