import { Stack } from '@mantine/core';
import { useParams } from 'wouter';
import type { EventDetail } from '../../../generated/contract.d.ts';
import { useOperation } from '../api/hooks.ts';
import { Id } from '../parts/copy.tsx';
import { Json } from '../parts/json.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { Attempts, Changed, Deliveries, Related } from './history.tsx';
import { ReplayOne } from './replay-one.tsx';
import { EventStatus, toneOf, whatToDo } from './status.tsx';

const LOOK_MS = 2_000;

export default function EventPage() {
  const { id = '' } = useParams();
  const found = useOperation('getEvent', { params: { id } }, { refreshMs: LOOK_MS });
  const event = found.data;
  return (
    <Page
      title={event?.type ?? 'Event'}
      aside={event && <EventStatus status={event.status} />}
      back={{ path: '/events', label: 'Events' }}
      actions={event && <ReplayOne key={event.status === 'done' ? 'again' : 'first'} event={event} />}
    >
      <Known found={found}>{(known) => <About event={known} />}</Known>
    </Page>
  );
}

function About({ event }: { event: EventDetail }) {
  return (
    <Stack gap="md">
      <Section title="What became of it">
        <div className="notice" data-tone={toneOf(event.status)}>
          <div>{whatToDo(event)}</div>
        </div>
        {event.last_error !== null && event.status !== 'quarantined' && (
          <div className="mono lines">{event.last_error}</div>
        )}
      </Section>
      <Changed event={event} />
      <Facts event={event} />
      <Attempts event={event} />
      <Deliveries event={event} />
      <Related event={event} />
      <Payload event={event} />
    </Stack>
  );
}

function Facts({ event }: { event: EventDetail }) {
  const { account, object_id: object } = event;
  return (
    <Section title="About">
      <KeyValue
        facts={[
          ['Id', <Id value={event.id} />],
          ['At Stripe', event.kind !== 'unreadable' && <StripeLink id={event.id} account={account} />],
          ['Object', object && <StripeLink id={object} account={account} />],
          [
            'Its events',
            object && (
              <To path="/events" query={{ object }}>
                All events of this object
              </To>
            ),
          ],
          ['Account', account && <StripeLink id={account} />],
          ['Happened', event.created && <Time at={event.created} isExact />],
          ['Received', <Time at={event.received_at} isExact />],
          ['Came by', event.source === 'webhook' ? event.endpoint : SOURCES[event.source]],
          ['API version', event.api_version],
          ['Number', event.seq],
        ]}
      />
    </Section>
  );
}

const SOURCES = {
  webhook: 'A webhook',
  reconcile: 'Stripe’s own list: the webhook never came',
  cli: 'The command line',
};

function Payload({ event }: { event: EventDetail }) {
  if (event.removed)
    return <Section title="Payload">It was removed with the data of the account that it is of.</Section>;
  if (event.payload !== null) return <Json value={event.payload} label="Payload" />;
  return (
    <Section title="Bytes, as base64">
      <div className="mono lines">{event.body_base64}</div>
    </Section>
  );
}
