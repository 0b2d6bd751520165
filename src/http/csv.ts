/** What may stand in a cell. Numbers and amounts are written as they are, text is made safe. */
type Cell = string | number | boolean | null;

/** A column: its name in the first line, and what of a row stands in it. */
export interface Column<Row> {
  name: string;
  cell: (row: Row) => Cell;
}

/**
 * Answers with CSV (RFC 4180: CRLF, every line with the same number of fields), page by page as the reader
 * takes it, so that the size of a list does not matter. `name` is that of the file, without its ending.
 */
export function csvResponse<Row>(
  name: string,
  columns: readonly Column<Row>[],
  pages: AsyncIterable<readonly Row[]>,
): Response {
  const encoder = new TextEncoder();
  const reading = pages[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(csvRecord(columns.map((column) => column.name))));
    },
    async pull(controller) {
      const { done, value } = await reading.next();
      if (done) return controller.close();
      const lines = value.map((row) => csvRecord(columns.map(({ cell }) => textOf(cell(row)))));
      controller.enqueue(encoder.encode(lines.join('')));
    },
    async cancel() {
      await reading.return?.();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** One line. */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map(quoted).join(',')}\r\n`;
}

// Spreadsheets pass over what is not seen, and some take the wide forms of the signs as well.
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠]/u;
const UNSEEN = /^[\p{Cc}]/u;

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe in front: names and descriptions are
 * written by buyers and sellers. Source: owasp.org/www-community/attacks/CSV_Injection
 */
export function safeText(text: string): string {
  return FORMULA.test(text) || UNSEEN.test(text) ? `'${text}` : text;
}

function textOf(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? safeText(cell) : String(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
