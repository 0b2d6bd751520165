import type { Express } from 'express';
import { createQuittance, type Quittance, type QuittanceOptions } from 'quittance';
import { expressQuittance } from 'quittance/express';

/** An Express application that takes payments: `quittance` answers its own addresses. */
export async function mountQuittance(app: Express, options: QuittanceOptions): Promise<Quittance> {
  const quittance = createQuittance(options);
  quittance.on('customer.created', async ({ object, sql }) => {
    // Runs in the transaction that marks the event as done.
    await sql`insert into customers (id, email) values (${object.id}, ${object.email})`;
  });
  await quittance.start();
  app.use(expressQuittance(quittance)); // before express.json()
  return quittance;
}
