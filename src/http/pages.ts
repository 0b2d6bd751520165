const ROWS_PER_PAGE = 500;

/** Where a page begins, and how long it is. */
export interface Place<Key> {
  after: Key | null;
  limit: number;
}

/** Reads a list to its end, page by page: each goes on behind the last row, which `keyOf` names. */
export async function* pagesOf<Row, Key extends string | number>(
  read: (page: Place<Key>) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): AsyncGenerator<Row[], void> {
  for (let after: Key | null = null; ;) {
    const rows: Row[] = await read({ after, limit: ROWS_PER_PAGE });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_PER_PAGE) return;
    after = keyOf(last);
  }
}
