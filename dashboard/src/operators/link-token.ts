import { useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';

/** The token of a one-time link, which is taken out of the address so that it stays in no history. */
export function useLinkToken(): string {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const [token] = useState(() => new URLSearchParams(search).get('token') ?? '');
  useEffect(() => {
    if (new URLSearchParams(search).has('token')) navigate(path, { replace: true });
  }, [search, path, navigate]);
  return token;
}
