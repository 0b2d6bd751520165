const UNIQUE_VIOLATION = '23505';

/** Somebody else has it: PostgreSQL's unique_violation, whoever looked before. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === UNIQUE_VIOLATION;
}
