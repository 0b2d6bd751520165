import { defineConfig } from 'quittance';

/** A drawing that travels inside the page. */
function drawing(ground: string, shapes: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><path fill="${ground}" d="M0 0h320v200H0z"/>${shapes}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const cup = drawing(
  '#e9d8c3',
  '<path fill="#fff" d="M100 70h100v45a45 45 0 0 1-45 45h-10a45 45 0 0 1-45-45z"/>' +
    '<path fill="none" stroke="#fff" stroke-width="10" d="M200 82h12a18 18 0 0 1 0 36h-14"/>' +
    '<ellipse cx="150" cy="72" rx="50" ry="9" fill="#5b3a21"/>' +
    '<path fill="none" stroke="#b39a7d" stroke-width="5" stroke-linecap="round" d="M135 50q-8-10 0-20m30 20q-8-10 0-20"/>',
);
const cake = drawing(
  '#f3d9cf',
  '<path fill="#c9763e" d="M85 150V95l150-20v75z"/><path fill="#fff6ea" d="M85 95l150-20v14L85 109z"/>' +
    '<path fill="#fff6ea" d="M85 125l150-16v10L85 135z"/><path fill="#e2632b" d="M150 66l10-26 12 22z"/>' +
    '<path fill="#4f8a3a" d="M158 42l-8-14m10 14l2-16m0 16l10-10" stroke="#4f8a3a" stroke-width="4"/>',
);
const beans = drawing(
  '#d7dfd0',
  '<g fill="#4a2f1b"><ellipse cx="120" cy="110" rx="34" ry="22" transform="rotate(-25 120 110)"/>' +
    '<ellipse cx="190" cy="92" rx="34" ry="22" transform="rotate(20 190 92)"/>' +
    '<ellipse cx="175" cy="142" rx="34" ry="22" transform="rotate(-8 175 142)"/></g>' +
    '<g fill="none" stroke="#d7dfd0" stroke-width="4"><path d="M92 122q26-2 56-26"/><path d="M160 80q26 2 60 24"/><path d="M142 146q32-10 66-8"/></g>',
);

export default defineConfig({
  shopName: 'Corner Coffee',
  products: [
    {
      id: 'coffee',
      name: 'Coffee',
      description: 'A cup of filter coffee, freshly ground.',
      image: cup,
      price: 350,
      currency: 'usd',
    },
    {
      id: 'cake',
      name: 'Carrot cake',
      description: 'One slice, with walnuts.',
      image: cake,
      price: 480,
      currency: 'usd',
    },
    {
      id: 'beans',
      name: 'Coffee beans',
      description: '250 g, roasted this week.',
      image: beans,
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
      // Send the mail here. A throw is tried again, and `idempotencyKey` stays the same.
    },
  },
});
