import type Stripe from 'stripe';
import type { Assessment, Due, File } from './assess.ts';
import { REVIEW_SECONDS, reasonOf } from './verification.ts';

type Requirements = Stripe.Account.Requirements;
type Status = 'active' | 'inactive' | 'pending';

/** What follows from an assessment for the account as a whole. */
export interface Standing {
  rejected: Requirements['disabled_reason'];
  capabilities: Record<string, Status>;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  requirements: Requirements;
}

/** Capabilities which sell; the others only receive. */
const SELLS = /_payments$|^card_issuing$/;

/** Turns what is due into what the account may do. */
export function standingOf(file: File, found: Assessment): Standing {
  const { dossier, payees, now } = file;
  const reviewed = found.listedSince !== null && now >= found.listedSince + REVIEW_SECONDS;
  const rejected = dossier.rejected ?? (reviewed ? 'rejected.listed' : null);
  const stopped = rejected !== null || found.listedSince !== null || dossier.closed;
  const due = (...kinds: Due['blocks'][]): boolean =>
    blocking(file, found).some(({ blocks }) => kinds.includes(blocks));
  const status = (capability: string): Status => {
    const sells = SELLS.test(capability);
    if (stopped || due('all') || (sells && (due('payments') || dossier.blocked.charges))) return 'inactive';
    return found.pending.length > 0 ? 'pending' : 'active';
  };
  const capabilities = Object.fromEntries(Object.keys(dossier.requested).map((name) => [name, status(name)]));
  const active = Object.values(capabilities).includes('active');
  const bank = payees.some((payee) => payee.status !== 'errored');
  return {
    rejected,
    capabilities,
    charges_enabled: active && !dossier.blocked.charges,
    payouts_enabled: active && bank && !due('payouts') && !dossier.blocked.payouts,
    requirements: requirementsOf(file, found, rejected),
  };
}

/** What is shown of everything that is due, for the account or for a part of it. */
export function shownOf(
  found: Pick<Assessment, 'due' | 'eventual' | 'pending'>,
  overdue: readonly Due[],
): Omit<Requirements, 'current_deadline' | 'disabled_reason'> {
  const names = (list: readonly Due[]): string[] => [...new Set(list.map(({ field }) => field))].toSorted();
  const refused = found.due.filter((each): each is Due & { code: string } => each.code !== undefined);
  return {
    alternatives: [],
    currently_due: names(found.due),
    errors: refused.map(({ field, code }) => ({
      code: code as Stripe.Account.Requirements.Error.Code,
      reason: reasonOf(code),
      requirement: field,
    })),
    eventually_due: names([...found.due, ...found.eventual]),
    past_due: names(overdue),
    pending_verification: names(found.pending),
  };
}

/** What is due and stands in the way by itself; what a test card asked for does so by its block. */
function blocking({ dossier }: File, found: Assessment): Due[] {
  const inTheWay = found.due.filter(({ blocks }) => blocks !== 'nothing');
  return dossier.demand === 'none' ? inTheWay : inTheWay.filter((each) => !isAskedLater(each));
}

/** Was this field asked for by a test card, and is it still open? */
export function isAskedLater({ field, code }: Due): boolean {
  return code === undefined && /\.(id_number|verification\.document)$/.test(field);
}

function requirementsOf(
  file: File,
  found: Assessment,
  rejected: Requirements['disabled_reason'],
): Requirements {
  const { dossier } = file;
  const overdue = dossier.demand === 'overdue' ? found.due : blocking(file, found);
  const { alternatives, ...shown } = shownOf(found, overdue);
  return {
    alternatives,
    current_deadline: dossier.demand === 'deadline' && found.due.length > 0 ? dossier.deadline : null,
    disabled_reason: rejected ?? reasonFor(file, found),
    ...shown,
  };
}

function reasonFor(file: File, found: Assessment): Requirements['disabled_reason'] {
  const { account, dossier } = file;
  if (dossier.closed) return 'platform_paused';
  if (found.listedSince !== null) return 'listed';
  const { charges, payouts } = dossier.blocked;
  if (blocking(file, found).length > 0 || charges || payouts) return 'requirements.past_due';
  if (found.pending.length > 0) return 'requirements.pending_verification';
  const asked = Object.keys(dossier.requested).length > 0;
  const own = account.controller?.stripe_dashboard?.type === 'full';
  return asked || own ? null : 'action_required.requested_capabilities';
}
