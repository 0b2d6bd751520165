import functions from '@google-cloud/functions-framework';
import { initializeApp } from 'firebase-admin/app';
import { getDatabase } from 'firebase-admin/database';
import { quittanceFunction } from './quittance.js';
import { addToRevenue } from './revenue.js';
import { webhook } from './webhook.js';

// Its project and database stand in FIREBASE_CONFIG, which Google sets.
initializeApp();
const database = getDatabase();
const { STRIPE_WEBHOOK_SECRET = '', QUITTANCE_SECRET, DATABASE_URL } = process.env;

// Stripe's webhook: every event into /events.
functions.http('webhook', webhook({ database, secrets: STRIPE_WEBHOOK_SECRET.split(',') }));

// On each new event: the revenue of its day.
functions.cloudEvent('revenue', ({ data }) => addToRevenue(database, data.delta));

// The other way: a whole Quittance that receives into PostgreSQL, and works elsewhere.
if (DATABASE_URL) {
  const { handle } = await quittanceFunction({
    databaseUrl: DATABASE_URL,
    secret: QUITTANCE_SECRET,
    stripeWebhookSecret: STRIPE_WEBHOOK_SECRET,
  });
  functions.http('quittance', handle);
}
