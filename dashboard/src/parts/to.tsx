import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useView } from '../shell/view.ts';

export interface ToProps {
  path: string;
  query?: Record<string, string | null>;
  className?: string;
  children: ReactNode;
}

/** A link to a page of ours, which keeps the mode and the account. */
export function To({ path, query, className = 'link', children, ...more }: ToProps) {
  const { to } = useView();
  return (
    <Link href={to(path, query)} className={className} {...more}>
      {children}
    </Link>
  );
}
