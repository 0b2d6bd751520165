import { formatMoney } from '../money.ts';
import type { Product } from '../orders/products.ts';

/** The shop: every product with its own button. */
export function ShopPage({ products, keys }: { products: readonly Product[]; keys: readonly string[] }) {
  return (
    <>
      <h1>What would you like?</h1>
      {products.length === 0 ? (
        <p class="soft">
          Nothing is for sale yet. Add products to <code>quittance.config.ts</code> and start again.
        </p>
      ) : (
        <ul class="products">
          {products.map((product, index) => (
            <ProductCard product={product} requestKey={keys[index] ?? ''} />
          ))}
        </ul>
      )}
    </>
  );
}

function ProductCard({ product, requestKey }: { product: Product; requestKey: string }) {
  const { id, name, description, image, price, currency, max_quantity } = product;
  return (
    <li class="card product">
      {image ? (
        <img src={image} alt="" loading="lazy" />
      ) : (
        <div class="picture" aria-hidden="true">
          {name.slice(0, 1).toUpperCase()}
        </div>
      )}
      <div class="body">
        <h2>{name}</h2>
        {description && <p class="soft">{description}</p>}
        <p class="price">{formatMoney({ value: price, currency })}</p>
        <form method="post" action="/checkout">
          <input type="hidden" name="id" value={id} />
          <input type="hidden" name="idempotency_key" value={requestKey} />
          <div class="row">
            <label>
              Quantity
              <input type="number" name="quantity" value="1" min="1" max={max_quantity} required />
            </label>
            <button type="submit" aria-label={`Pay now: ${name}`}>
              Pay now
            </button>
          </div>
        </form>
        <a href={`/pay/${id}`}>Pay without leaving this page</a>
      </div>
    </li>
  );
}

/** The payment page with Stripe's Payment Element. The script fills it. */
export function PayPage({
  product,
  quantity,
  publishableKey,
}: {
  product: Product;
  quantity: number;
  publishableKey: string;
}) {
  const total = formatMoney({ value: product.price * quantity, currency: product.currency });
  return (
    <div class="narrow">
      <h1>Pay for your order</h1>
      <form
        id="pay"
        class="card panel"
        novalidate
        data-product={product.id}
        data-quantity={quantity}
        data-publishable-key={publishableKey}
      >
        <dl class="summary">
          <dt>
            {quantity} × {product.name}
          </dt>
          <dd class="price">{total}</dd>
        </dl>
        <label>
          E-mail for your receipt
          <input
            type="email"
            name="email"
            id="email"
            autocomplete="email"
            required
            aria-describedby="email-error"
          />
          <span id="email-error" class="note bad" role="alert"></span>
        </label>
        <div id="payment-element" aria-busy="true">
          <p class="soft">Loading the payment form…</p>
        </div>
        <p id="error" class="note bad" role="alert"></p>
        <p id="success" class="note good" role="status"></p>
        <button type="submit" disabled>
          <span class="spinner" aria-hidden="true" hidden></span>
          <span id="label">Pay {total}</span>
        </button>
        <noscript>
          <p class="note bad">
            Paying on this page needs JavaScript. <a href="/">Pay on Stripe's page instead.</a>
          </p>
        </noscript>
      </form>
      <p>
        <a href="/">Back to the shop</a>
      </p>
    </div>
  );
}

/** After the buyer came back from Stripe's page without paying. */
export function CancelPage() {
  return (
    <div class="narrow">
      <h1>Nothing was charged</h1>
      <p>You left the payment before it was finished. You can try again whenever you like.</p>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </div>
  );
}

/** A request of a person that could not be served. */
export function SorryPage({ title, detail }: { title: string; detail: string }) {
  return (
    <div class="narrow">
      <h1>{title}</h1>
      <p>{detail}</p>
      <p>
        <a class="button" href="/">
          Back to the shop
        </a>
      </p>
    </div>
  );
}
