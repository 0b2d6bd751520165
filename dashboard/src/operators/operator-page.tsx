import { Button, Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useParams } from 'wouter';
import type { Operator, OneTimeLink } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Empty, Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import type { Role } from '../session/session.ts';
import { LinkFor } from './link-for.tsx';
import { OperatorStatus } from './standing.tsx';
import { ROLE_CHOICES } from './words.ts';

const BACK = { path: '/operators', label: 'Operators' };

/** One operator, and what an admin can do about them. */
export default function OperatorPage() {
  const { id = '' } = useParams();
  const found = useOperation('listOperators', {});
  const operator = found.data?.data.find((one) => one.id === id);
  return (
    <Page
      title={operator?.name ?? 'Operator'}
      back={BACK}
      aside={operator && <OperatorStatus {...operator} />}
    >
      <Known found={found}>
        {() =>
          operator ? (
            <>
              <Facts operator={operator} />
              <Actions operator={operator} />
            </>
          ) : (
            <div className="card">
              <Empty title="There is no such operator.">Go back to the list.</Empty>
            </div>
          )
        }
      </Known>
    </Page>
  );
}

function Facts({ operator }: { operator: Operator }) {
  const { id, role, created_at, disabled_at, has_password, has_oidc } = operator;
  const change = useAction('changeOperator', {
    done: 'The role is changed.',
    refreshes: ['listOperators'],
  });
  return (
    <Section title="Who they are">
      <KeyValue
        facts={[
          ['Id', <Id key="id" value={id} />],
          ['Added', <Time key="added" at={created_at} isExact />],
          ['Disabled', disabled_at && <Time key="disabled" at={disabled_at} isExact />],
          ['Password', has_password ? 'set' : 'none'],
          ['Single sign-on', has_oidc ? 'used' : 'not used'],
          [
            'What they did',
            <To key="audit" path="/audit" query={{ actor: id }}>
              in the audit log
            </To>,
          ],
        ]}
      />
      <NativeSelect
        label="Role"
        description="It counts at once, also where they are signed in."
        maw={420}
        data={[...ROLE_CHOICES]}
        value={role}
        disabled={change.isPending}
        onChange={(event) =>
          change.mutate({ params: { id }, body: { role: event.currentTarget.value as Role } })
        }
      />
    </Section>
  );
}

function Actions({ operator: { id, name, disabled_at } }: { operator: Operator }) {
  const [made, setMade] = useState<{ link: OneTimeLink; name: string } | null>(null);
  const params = { id };
  const link = useAction('makeOperatorLink', {
    refreshes: [],
    onDone: (answer) => setMade({ link: answer, name }),
  });
  const end = useAction('endOperatorSessions', {
    done: ({ ended }) => `Sessions ended: ${ended}.`,
    refreshes: [],
  });
  const change = useAction('changeOperator', { quiet: true, refreshes: ['listOperators'] });
  const isDisabled = disabled_at !== null;
  return (
    <Section title="Signing in">
      <Group gap="xs">
        <Button
          variant="default"
          disabled={isDisabled}
          loading={link.isPending}
          onClick={() => link.mutate({ params })}
        >
          New link to set a password
        </Button>
        <Button variant="default" loading={end.isPending} onClick={() => end.mutate({ params })}>
          Sign them out everywhere
        </Button>
        <ConfirmButton
          label={isDisabled ? 'Let them sign in again' : 'Disable'}
          title={isDisabled ? `Let ${name} sign in again?` : `Disable ${name}?`}
          isDangerous={!isDisabled}
          isBusy={change.isPending}
          problem={change.error}
          onConfirm={(close) =>
            change.mutate({ params, body: { disabled: !isDisabled } }, { onSuccess: close })
          }
        >
          <div>
            {isDisabled
              ? 'They sign in as they did before.'
              : 'They are signed out everywhere at once, and can’t sign in until an admin lets them.'}
          </div>
        </ConfirmButton>
      </Group>
      <LinkFor made={made} close={() => setMade(null)} />
    </Section>
  );
}
