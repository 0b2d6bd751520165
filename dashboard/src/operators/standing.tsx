import type { Operator } from '../../../generated/contract.d.ts';
import { StatusBadge } from '../parts/status-badge.tsx';

/** Whether somebody may sign in, and how. */
export function OperatorStatus({ disabled_at, has_password, has_oidc }: Operator) {
  if (disabled_at !== null) return <StatusBadge tone="bad">Disabled</StatusBadge>;
  if (!has_password && !has_oidc) return <StatusBadge tone="wait">No password yet</StatusBadge>;
  return <StatusBadge tone="good">{has_oidc && !has_password ? 'Single sign-on' : 'Password'}</StatusBadge>;
}
