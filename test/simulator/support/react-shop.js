import { createElement as h, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { loadStripe } from '@stripe/stripe-js';
import {
  AddressElement,
  CardCvcElement,
  CardExpiryElement,
  CardNumberElement,
  Elements,
  EmbeddedCheckout,
  EmbeddedCheckoutProvider,
  PaymentElement,
  useElements,
  useStripe,
} from '@stripe/react-stripe-js';
import {
  CheckoutElementsProvider,
  ContactDetailsElement,
  PaymentElement as CheckoutPaymentElement,
  useCheckoutElements,
} from '@stripe/react-stripe-js/checkout';

// A shop as people write it with @stripe/react-stripe-js; the test says by `window.shop` what it shows.

const { kind, clientSecret } = window.shop;
const stripePromise = loadStripe('pk_test_browser');
const show = (value) => {
  document.querySelector('#result').textContent = JSON.stringify(value);
};

function PayButton({ pay }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    show(await pay());
    setBusy(false);
  };
  return h('button', { id: 'pay', disabled: busy, onClick: press }, 'Pay');
}

function Payment() {
  const stripe = useStripe();
  const elements = useElements();
  const [complete, setComplete] = useState(false);
  const pay = async () => {
    const { error } = await elements.submit();
    return error ? { error } : stripe.confirmPayment({ elements, clientSecret, redirect: 'if_required' });
  };
  const defaultValues = {
    name: 'Ada',
    address: { line1: '1 Main St', city: 'Reno', state: 'NV', postal_code: '89501', country: 'US' },
  };
  return h(
    'div',
    null,
    h(PaymentElement, { onChange: (event) => setComplete(event.complete) }),
    h(AddressElement, { options: { mode: 'shipping', defaultValues } }),
    h('p', { id: 'complete' }, String(complete)),
    h(PayButton, { pay }),
  );
}

function Split() {
  const stripe = useStripe();
  const elements = useElements();
  const pay = () =>
    stripe.confirmCardPayment(clientSecret, {
      payment_method: { card: elements.getElement(CardNumberElement), billing_details: { name: 'Ada' } },
    });
  const fields = [CardNumberElement, CardExpiryElement, CardCvcElement];
  return h('div', null, ...fields.map((field) => h(field, { key: field.name })), h(PayButton, { pay }));
}

function Checkout() {
  const state = useCheckoutElements();
  if (state.type !== 'success') return h('p', null, state.type);
  const { checkout } = state;
  return h(
    'div',
    null,
    h('p', { id: 'total' }, checkout.total.total.amount),
    h(ContactDetailsElement),
    h(CheckoutPaymentElement),
    h(PayButton, { pay: () => checkout.confirm({ redirect: 'if_required' }) }),
  );
}

const deferred = { mode: 'payment', amount: 500, currency: 'usd' };
const pages = {
  payment: () => h(Elements, { stripe: stripePromise, options: deferred }, h(Payment)),
  split: () => h(Elements, { stripe: stripePromise }, h(Split)),
  checkout: () =>
    h(CheckoutElementsProvider, { stripe: stripePromise, options: { clientSecret } }, h(Checkout)),
  embedded: () => {
    const options = { fetchClientSecret: async () => clientSecret, onComplete: () => show('complete') };
    return h(EmbeddedCheckoutProvider, { stripe: stripePromise, options }, h(EmbeddedCheckout));
  },
};

createRoot(document.querySelector('#root')).render(h(pages[kind]));
