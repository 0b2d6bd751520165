import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Operator, OneTimeLink } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Page } from '../parts/page.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import type { Role } from '../session/session.ts';
import { LinkFor } from './link-for.tsx';
import { OperatorStatus } from './standing.tsx';
import { ROLE_CHOICES } from './words.ts';

const COLUMNS: readonly Column<Operator>[] = [
  { label: 'Operator', cell: ({ name }) => name },
  { label: 'Role', cell: ({ role }) => role },
  { label: 'State', cell: OperatorStatus },
  { label: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
];

/** Who can sign in here. */
export default function OperatorsPage() {
  const found = useOperation('listOperators', {});
  return (
    <Page title="Operators" actions={<AddOperator />}>
      <div className="card">
        <Known found={found}>
          {({ data }) => (
            <Rows
              label="Operators"
              rows={data}
              columns={COLUMNS}
              keyOf={({ id }) => id}
              pathOf={({ id }) => `/operators/${id}`}
            />
          )}
        </Known>
      </div>
    </Page>
  );
}

function AddOperator() {
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [made, setMade] = useState<{ link: OneTimeLink; name: string } | null>(null);
  const add = useAction('addOperator', {
    quiet: true,
    refreshes: ['listOperators'],
    onDone: ({ link, operator }) => {
      setIsOpen(false);
      setName('');
      setMade({ link, name: operator.name });
    },
  });
  const isOfName = add.error?.field === 'name';
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Add an operator</Button>
      <Confirm
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title="Add an operator"
        confirm="Add"
        isBusy={add.isPending}
        isReady={name.trim() !== ''}
        problem={isOfName ? null : add.error}
        onConfirm={() => add.mutate({ body: { name, role } })}
      >
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="off"
          data-autofocus
          value={name}
          error={isOfName ? add.error?.message : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Role"
          data={[...ROLE_CHOICES]}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        />
      </Confirm>
      <LinkFor made={made} close={() => setMade(null)} />
    </>
  );
}
