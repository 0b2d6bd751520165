import { createQuittance } from 'quittance';
import { cloudFunction } from 'quittance/cloud-function';

/**
 * A Quittance as a function. It only receives: a function runs no longer than it answers, so handlers and
 * jobs run where `quittance start` does, on the same PostgreSQL.
 */
export async function quittanceFunction(options) {
  const quittance = createQuittance(options);
  await quittance.start({ work: false });
  return { handle: cloudFunction(quittance), stop: () => quittance.stop() };
}
