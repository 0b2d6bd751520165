import { Section } from '../parts/section.tsx';
import { useView } from '../shell/view.ts';

/** What a shop sees in which nothing was paid yet. */
export function FirstPayment() {
  const { livemode } = useView();
  return (
    <Section title={`No payment yet in ${livemode ? 'live' : 'test'} mode`}>
      <ol className="steps">
        <li>
          Open{' '}
          <a href="/" className="link">
            the shop
          </a>{' '}
          and buy something
          {!livemode && (
            <>
              , with the card <span className="mono">4242 4242 4242 4242</span>, any later date and any code
            </>
          )}
          .
        </li>
        <li>
          Or ask for a link: <code>POST /api/create-payment-link</code> with the id of a product.
        </li>
      </ol>
      <div>This page shows the payment within a second, without being loaded again.</div>
    </Section>
  );
}
