import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useSession } from '../session/session.ts';

/** What everything on the screen is about: a mode, and one connected account or all. It is in the URL. */
export interface View {
  livemode: boolean;
  account: string | null;
  /** For operations that take the mode alone. */
  mode: { livemode: boolean };
  /** For operations that take the mode and the account. */
  query: { livemode: boolean; account?: string };
  /** The address of a page of ours in this view: `to('/orders', { status: 'paid' })`. */
  to: (path: string, query?: Record<string, string | null>) => string;
  show: (change: { livemode?: boolean; account?: string | null }) => void;
}

const ACCOUNT = /^acct_\w{1,100}$/;

export function useView(): View {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const { livemode: own } = useSession();
  return useMemo(() => {
    const asked = new URLSearchParams(search);
    const livemode = asked.has('livemode') ? asked.get('livemode') === 'true' : own;
    const given = asked.get('account') ?? '';
    const account = ACCOUNT.test(given) ? given : null;
    const kept = { livemode: livemode === own ? null : String(livemode), account };
    const mode = { livemode };
    return {
      livemode,
      account,
      mode,
      query: account === null ? mode : { ...mode, account },
      to: (page, query = {}) => withQuery(page, { ...kept, ...query }),
      show: (change) => {
        const next = { livemode, account, ...change };
        const isSame = next.livemode === livemode;
        const values = {
          account: next.account,
          livemode: next.livemode === own ? null : String(next.livemode),
        };
        // A thing of the other mode is nothing here: go to the list it was found in.
        const page = isSame ? path : `/${path.split('/')[1] ?? ''}`;
        navigate(withQuery(page, { ...(isSame && Object.fromEntries(asked)), ...values }));
      },
    };
  }, [search, path, navigate, own]);
}

/** The filter of a list, which stands in the URL. An empty value takes a name out. */
export function useFilter(): [
  filter: URLSearchParams,
  change: (values: Record<string, string | null>) => void,
] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filter = useMemo(() => new URLSearchParams(search), [search]);
  const change = (values: Record<string, string | null>): void =>
    navigate(withQuery(path, { ...Object.fromEntries(filter), ...values }), { replace: true });
  return [filter, change];
}

function withQuery(path: string, query: Record<string, string | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  return search.size > 0 ? `${path}?${search}` : path;
}
