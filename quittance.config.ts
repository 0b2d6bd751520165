import { defineConfig } from 'quittance';

export default defineConfig({
  shopName: 'Corner Coffee',
  products: [
    {
      id: 'coffee',
      name: 'Coffee',
      description: 'A cup of filter coffee, freshly ground.',
      price: 350,
      currency: 'usd',
    },
    { id: 'cake', name: 'Carrot cake', description: 'One slice, with walnuts.', price: 480, currency: 'usd' },
    {
      id: 'beans',
      name: 'Coffee beans',
      description: '250 g, roasted this week.',
      price: 1250,
      currency: 'usd',
      max_quantity: 5,
    },
  ],
  // Runs once for each paid order, in the transaction that marks it as fulfilled.
  fulfil: async (order, { enqueue }) => {
    await enqueue('receipt', { order: order.id, email: order.email });
  },
  jobs: {
    receipt: () => {
      // Send the mail here. A throw is tried again; `idempotencyKey` stays the same.
    },
  },
});
