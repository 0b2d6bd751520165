import type { Answer } from '../api/client.ts';
import { KeyValue } from '../parts/section.tsx';
import { Empty } from '../parts/states.tsx';
import { labelOf } from './fields.ts';
import { KeptFile } from './file-field.tsx';

/** What Stripe has as evidence, when nothing can be changed about it. */
export function EvidenceView({ evidence: { texts, files } }: { evidence: Answer<'getDisputeEvidence'> }) {
  if (texts.length + files.length === 0) return <Empty title="There is no evidence." />;
  return (
    <KeyValue
      facts={[
        ...texts.map(({ field, text }) => [labelOf(field), <span className="lines">{text}</span>] as const),
        ...files.map((kept) => [labelOf(kept.field), <KeptFile kept={kept} />] as const),
      ]}
    />
  );
}
