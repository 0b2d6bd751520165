import { Button, Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';

/** Something could not be read: why, and a way to try again where that may help. */
export function Failure({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div className="notice" data-tone="bad" role="alert">
      <div>{problem.message}</div>
      {again && problem.status !== 404 && (
        <Button color="red" onClick={again}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** There is nothing: what that means, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack gap={4} p="xl" ta="center" align="center">
      <strong>{title}</strong>
      {children && <div className="soft">{children}</div>}
    </Stack>
  );
}

/** Stands where something is about to be. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <Stack gap="xs" p="md" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={20} />
      ))}
    </Stack>
  );
}

/** What is known of a thing, or that it is being read; and why it can't be, or can't be any more. */
export function Known<Value>({
  found: { data, error, refetch },
  children,
}: {
  found: { data: Value | undefined; error: Problem | null; refetch: () => unknown };
  children: (value: Value) => ReactNode;
}) {
  const failure = error && <Failure problem={error} again={() => void refetch()} />;
  if (data === undefined) return failure ?? <Loading />;
  return (
    <>
      {failure}
      {children(data)}
    </>
  );
}
