import { Stack } from '@mantine/core';
import { useParams } from 'wouter';
import type { Answer } from '../api/client.ts';
import { useOperation } from '../api/hooks.ts';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';
import { useView } from '../shell/view.ts';
import { End, RemoveData } from './install-actions.tsx';
import { Connections, Jobs, Secrets } from './install-parts.tsx';
import { InstallStatus } from './install-status.tsx';

type Install = Answer<'getInstall'>;

const ACCESS = {
  platform: 'our own key, for the account',
  oauth: 'a token that the account gave',
  restricted_api_key: 'a restricted key that the account made',
};

/** One account that has the app, or had it. */
export default function InstallPage() {
  const { id } = useParams<{ id: string }>();
  const { mode } = useView();
  const found = useOperation('getInstall', { params: { id }, query: mode });
  const install = found.data;
  return (
    <Page
      title={install?.account ?? 'Install'}
      aside={install && <InstallStatus status={install.status} />}
      back={{ path: '/installs', label: 'Installs' }}
      actions={
        install && (
          <>
            <End install={install} />
            <RemoveData install={install} />
          </>
        )
      }
    >
      <Known found={found}>{(known) => <Whole install={known} />}</Known>
    </Page>
  );
}

function Whole({ install }: { install: Install }) {
  const { removal } = install;
  return (
    <Stack gap="md">
      <Facts install={install} />
      <Permissions install={install} />
      {removal ? (
        <Removal removal={removal} />
      ) : (
        <>
          <Connections connections={install.connections} />
          <Secrets secrets={install.secrets} store={install.secret_store} />
          <Jobs jobs={install.jobs} />
        </>
      )}
    </Stack>
  );
}

function Facts({ install }: { install: Install }) {
  const { account, stripe_install: atStripe, status, reason, access, sandbox } = install;
  return (
    <Section title="Install">
      <KeyValue
        facts={[
          ['Account', <StripeLink id={account} />],
          ['Install', <Id value={install.id} />],
          ['At Stripe', atStripe && <Id value={atStripe} />],
          ['Calls Stripe with', ACCESS[access]],
          ['Sandbox', sandbox ? 'yes' : null],
          ['Installed', <Time at={install.installed_at} isExact />],
          ['Ended', install.uninstalled_at && <Time at={install.uninstalled_at} isExact />],
          ['Why', reason],
          ['Data go', status === 'uninstalled' ? <Time at={install.remove_at} isExact /> : null],
        ]}
      />
    </Section>
  );
}

function Permissions({ install }: { install: Install }) {
  const { permissions_granted: granted, permissions_pending: pending, approval_required: needed } = install;
  return (
    <Section title="Permissions">
      {pending.length > 0 && (
        <div className="notice" data-tone="wait">
          <div>
            A newer version of the app asks for {pending.join(', ')}. Somebody of the account has to agree in
            Stripe’s Dashboard{needed ? ', and the app waits for that' : ''}.
          </div>
        </div>
      )}
      {granted.length === 0 ? (
        <div className="soft">Stripe has told of none.</div>
      ) : (
        <ul className="names">
          {granted.map((name) => (
            <li key={name} className="mono">
              {name}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Removal({ removal: { removed_at: at, what } }: { removal: NonNullable<Install['removal']> }) {
  return (
    <Section title="What was removed">
      <div>
        <Time at={at} isExact />
      </div>
      <KeyValue
        facts={Object.entries(what).map(([name, count]) => [name, <span className="number">{count}</span>])}
      />
    </Section>
  );
}
