import type { AccountFacts } from './facts.ts';
import type { Requirement, SellerStatus, Standing } from './seller.ts';

/** What is remembered of a seller from before. */
export interface Before {
  status: SellerStatus;
  requirements: readonly Requirement[];
}

/**
 * Where a seller stands, from what Stripe says of the account now. Two things Stripe does not tell are taken
 * from before: whether somebody has begun to answer (else `not_started`), and whether the account could be
 * sold for once (then what is due makes it `restricted` and not `incomplete`).
 */
export function standingOf(facts: AccountFacts, before: Before): Standing {
  const { gone: _gone, barred: _barred, capability: _capability, why: _why, reviewing: _, ...told } = facts;
  return { ...told, ...statusOf(facts, before) };
}

function statusOf(facts: AccountFacts, before: Before): Pick<Standing, 'status' | 'reason'> {
  const { gone, barred, capability, why, reviewing, requirements } = facts;
  if (gone !== null) return { status: 'disconnected', reason: gone };
  if (barred !== null) return { status: 'restricted', reason: barred };
  if (capability === 'active') return { status: 'ready', reason: null };
  if (requirements.some(({ due }) => due !== 'later')) {
    const wasReady = before.status === 'ready' || before.status === 'restricted';
    if (wasReady) return { status: 'restricted', reason: why };
    return { status: hasBegun(facts, before) ? 'incomplete' : 'not_started', reason: null };
  }
  if (reviewing || capability === 'pending') return { status: 'under_review', reason: null };
  if (!facts.details_submitted && !hasBegun(facts, before)) return { status: 'not_started', reason: null };
  return { status: 'restricted', reason: why ?? `capability_${capability}` };
}

/** Somebody has answered something: Stripe wants other things than at first, or has all it asked for. */
function hasBegun(facts: AccountFacts, before: Before): boolean {
  if (before.status !== 'not_started' || facts.details_submitted) return true;
  if (before.requirements.length === 0) return false;
  const names = (list: readonly Requirement[]): string =>
    list
      .map(({ field, error }) => `${field} ${error !== null}`)
      .toSorted()
      .join('\n');
  return names(facts.requirements) !== names(before.requirements);
}
