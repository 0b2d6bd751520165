import { notifications } from '@mantine/notifications';
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryKey,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Answer, Asked, Client, OperationId } from './client.ts';
import type { Problem } from './problem.ts';

const NOTE_MS = 6_000;
const FAILURE_NOTE_MS = 15_000;

export const ClientContext = createContext<Client | null>(null);

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('outside the console');
  return client;
}

interface Place {
  params?: unknown;
  query?: object;
}

/**
 * What was shown before stays until the answer is there, while only a filter changed: never what is of
 * another thing, the other mode or another account.
 */
function previousOf(asked: Place) {
  return <Data>(previous: Data | undefined, query?: { queryKey: QueryKey }): Data | undefined =>
    query && placeOf(query.queryKey[1] as Place) === placeOf(asked) ? previous : undefined;
}

function placeOf({ params, query }: Place): string {
  const { livemode, account } = (query ?? {}) as { livemode?: boolean; account?: string };
  return JSON.stringify([params, livemode, account]);
}

/** What an operation answers, kept and refreshed. */
export function useOperation<Id extends OperationId>(
  id: Id,
  asked: Asked<Id>,
  { enabled = true, refreshMs }: { enabled?: boolean; refreshMs?: number } = {},
): UseQueryResult<Answer<Id>, Problem> {
  const client = useClient();
  return useQuery<Answer<Id>, Problem>({
    queryKey: [id, asked],
    queryFn: ({ signal }) => client.call(id, asked, signal),
    placeholderData: previousOf(asked),
    enabled,
    ...(refreshMs !== undefined && { refetchInterval: refreshMs }),
  });
}

export interface ActionOptions<Id extends OperationId> {
  /** What to say when it is done. */
  done?: string | ((answer: Answer<Id>) => string);
  /** What is read again afterwards; all, when left out. */
  refreshes?: readonly OperationId[];
  onDone?: (answer: Answer<Id>) => void;
  /** True when the page shows the problem itself. */
  quiet?: boolean;
}

/** Does something: `act.mutate({ params, body })`. Says when it is done, and why when it is not. */
export function useAction<Id extends OperationId>(
  id: Id,
  { done, refreshes, onDone, quiet = false }: ActionOptions<Id> = {},
): UseMutationResult<Answer<Id>, Problem, Asked<Id>> {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation<Answer<Id>, Problem, Asked<Id>>({
    mutationFn: (asked) => client.call(id, asked),
    onSuccess: async (answer) => {
      const message = typeof done === 'function' ? done(answer) : done;
      if (message) notifications.show({ message, color: 'brand', autoClose: NOTE_MS });
      onDone?.(answer);
      const keys = refreshes ? refreshes.map((one) => ({ queryKey: [one] })) : [{}];
      await Promise.all(keys.map((key) => queries.invalidateQueries(key)));
    },
    onError: ({ message }) => {
      if (!quiet) notifications.show({ message, color: 'red', autoClose: FAILURE_NOTE_MS });
    },
  });
}

type PageOf<Row> = { data: Row[]; next: string | number | null };

/** The operations that answer with a page of a list. */
export type ListId = {
  [Id in OperationId]: Answer<Id> extends PageOf<unknown> ? Id : never;
}[OperationId];
export type RowOf<Id extends ListId> = Answer<Id> extends PageOf<infer Row> ? Row : never;

export interface List<Row, First = unknown> {
  rows: Row[];
  /** The first page as it came, for what it says besides its rows. */
  first: First | undefined;
  /** Nothing is known yet. */
  isLoading: boolean;
  problem: Problem | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => void;
  again: () => void;
}

/** A list, page by page. */
export function useList<Id extends ListId>(id: Id, asked: Asked<Id>): List<RowOf<Id>, Answer<Id>> {
  const client = useClient();
  const found = useInfiniteQuery({
    queryKey: [id, asked, 'pages'],
    initialPageParam: null as string | number | null,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asked.query, after: pageParam };
      return (await client.call(id, { ...asked, query }, signal)) as PageOf<RowOf<Id>>;
    },
    getNextPageParam: ({ next }) => next,
    placeholderData: previousOf(asked),
  });
  return {
    rows: found.data?.pages.flatMap(({ data }) => data) ?? [],
    first: found.data?.pages[0] as Answer<Id> | undefined,
    isLoading: found.isPending,
    problem: found.error as Problem | null,
    hasMore: found.hasNextPage,
    isLoadingMore: found.isFetchingNextPage,
    more: () => void found.fetchNextPage(),
    again: () => void found.refetch(),
  };
}
