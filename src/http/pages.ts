const ROWS_PER_PAGE = 500;

/** Reads a list to its end, page by page: each goes on behind the id of the last row. */
export async function* pagesOf<Row extends { id: string }>(
  read: (page: { after: string | null; limit: number }) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let after: string | null = null;
  for (;;) {
    const rows: Row[] = await read({ after, limit: ROWS_PER_PAGE });
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_PER_PAGE) return;
    after = rows.at(-1)?.id ?? null;
  }
}
