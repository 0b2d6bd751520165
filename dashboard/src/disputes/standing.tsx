import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

/** Stripe's words for where a dispute stands, in ours. */
const STANDINGS: Record<string, [label: string, tone: Tone]> = {
  warning_needs_response: ['Inquiry: answer it', 'wait'],
  warning_under_review: ['Inquiry: bank decides', 'info'],
  warning_closed: ['Inquiry closed', 'neutral'],
  needs_response: ['Answer it', 'bad'],
  under_review: ['Bank decides', 'info'],
  appeal_needs_response: ['Appeal: answer it', 'bad'],
  appeal_under_review: ['Appeal: bank decides', 'info'],
  won: ['Won', 'good'],
  lost: ['Lost', 'bad'],
  prevented: ['Prevented', 'good'],
};

/** For the filter. */
export const STATUS_CHOICES = Object.entries(STANDINGS).map(([value, [label]]) => ({ value, label }));

export function DisputeStatus({ status }: { status: string }) {
  const [label, tone] = STANDINGS[status] ?? [status, 'neutral'];
  return <StatusBadge tone={tone}>{label}</StatusBadge>;
}
