import { Stack } from '@mantine/core';
import { useParams } from 'wouter';
import type { Answer } from '../api/client.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { formatMoney } from '../parts/money.tsx';
import { Page } from '../parts/page.tsx';
import { Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { useMay } from '../session/session.ts';
import { useView } from '../shell/view.ts';
import { Deadline } from './deadline.tsx';
import { Events, Facts, Moved } from './dispute-facts.tsx';
import { EvidenceForm } from './evidence-form.tsx';
import { EvidenceView } from './evidence-view.tsx';
import { DisputeStatus } from './standing.tsx';

type Dispute = Answer<'getDispute'>;

/** One dispute: what it is about, what to do by when, and the evidence. */
export default function DisputePage() {
  const { id } = useParams<{ id: string }>();
  const { mode } = useView();
  const found = useOperation('getDispute', { params: { id }, query: mode });
  const dispute = found.data;
  return (
    <Page
      title={dispute ? `Dispute of ${formatMoney(dispute.amount)}` : 'Dispute'}
      aside={dispute && <DisputeStatus status={dispute.status} />}
      back={{ path: '/disputes', label: 'Disputes' }}
      actions={dispute && <Accept dispute={dispute} />}
    >
      <Known found={found}>{(known) => <Whole dispute={known} />}</Known>
    </Page>
  );
}

function Whole({ dispute }: { dispute: Dispute }) {
  return (
    <Stack gap="md">
      <WhatToDo dispute={dispute} />
      <Evidence dispute={dispute} />
      <Facts dispute={dispute} />
      {dispute.movements.length > 0 && <Moved movements={dispute.movements} />}
      <Events events={dispute.events} />
    </Stack>
  );
}

function WhatToDo({ dispute }: { dispute: Dispute }) {
  const { reason_words: words, advice, evidence_due_by: due, status, refusal, inquiry } = dispute;
  return (
    <Section title={refusal ? 'How it stands' : 'What to do'}>
      <div>{words}</div>
      {inquiry && <div>The bank only asks: no money has moved, and an answer may be the end of it.</div>}
      {refusal === null && <div>{advice}</div>}
      {refusal ? (
        <div className="notice" data-tone="info">
          <div>{refusal.detail}</div>
        </div>
      ) : (
        <div className="notice" data-tone="wait">
          <div>
            Answer by <Time at={due} isExact />: <Deadline due={due} status={status} />. The bank gets your
            answer once.
          </div>
        </div>
      )}
    </Section>
  );
}

function Evidence({ dispute }: { dispute: Dispute }) {
  const { mode } = useView();
  const mayAct = useMay('operator');
  const found = useOperation('getDisputeEvidence', { params: { id: dispute.id }, query: mode });
  const { refusal, submission_count: count } = dispute;
  if (refusal?.code === 'other_mode') return null;
  return (
    <Section title={count > 0 ? 'Evidence, submitted' : 'Evidence'}>
      <Known found={found}>
        {(evidence) =>
          refusal === null && mayAct ? (
            <EvidenceForm dispute={dispute} evidence={evidence} />
          ) : (
            <EvidenceView evidence={evidence} />
          )
        }
      </Known>
    </Section>
  );
}

function Accept({ dispute: { id, amount, refusal } }: { dispute: Dispute }) {
  const mayAct = useMay('operator');
  const close = useAction('closeDispute', { done: 'The dispute is accepted.' });
  if (!mayAct || refusal !== null) return null;
  return (
    <ConfirmButton
      label="Accept the dispute"
      title="Accept the dispute?"
      isDangerous
      isBusy={close.isPending}
      problem={close.error}
      onConfirm={(shut) => close.mutate({ params: { id } }, { onSuccess: shut })}
    >
      <div>
        The buyer keeps {formatMoney(amount)}, and the fee for the dispute stays yours. This can’t be taken
        back.
      </div>
    </ConfirmButton>
  );
}
