/**
 * Adds a payment to the revenue of its day, at `/revenue/<YYYY-MM-DD>/<currency>`: once, however often its
 * event comes. Days are of UTC, amounts in the currency's smallest unit.
 */
export async function addToRevenue(database, event) {
  if (event?.type !== 'payment_intent.succeeded') return;
  const { id, amount_received: amount, currency } = event.data.object;
  const day = new Date(event.created * 1000).toISOString().slice(0, 10);
  await database.ref(`/revenue/${day}/${currency}`).transaction((known) => {
    const payments = known?.payments ?? {};
    if (payments[id] !== undefined) return undefined; // counted before: nothing is written
    return {
      amount: (known?.amount ?? 0) + amount,
      count: (known?.count ?? 0) + 1,
      payments: { ...payments, [id]: amount },
    };
  });
}
