import { Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { To } from './to.tsx';

/** Below this a table does not fit, and its rows become cards. */
const WIDE = '(min-width: 48em)';

/** A column: its heading and what stands in it. */
export interface Column<Row> {
  label: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end, so that their digits are one below the other. */
  isNumber?: boolean;
  /** Left out on a phone. */
  wideOnly?: boolean;
}

export interface RowsProps<Row> {
  /** What the list is of, for who can't see it. */
  label: string;
  rows: readonly Row[];
  /** The first one names the row, and is its link. */
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** The page of a row; null when it has none. */
  pathOf?: (row: Row) => string | null;
}

/** Rows: a table where there is room, cards where there is not. */
export function Rows<Row>(props: RowsProps<Row>) {
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  return isWide ? <AsTable {...props} /> : <AsCards {...props} />;
}

function AsTable<Row>({ label, rows, columns, keyOf, pathOf }: RowsProps<Row>) {
  return (
    <div className="scroll">
      <Table className="rows" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} scope="col" className={column.isNumber ? 'end' : undefined}>
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <Table.Td key={column.label} className={column.isNumber ? 'end number' : undefined}>
                  {index === 0 ? (
                    <Named path={pathOf?.(row) ?? null}>{column.cell(row)}</Named>
                  ) : (
                    column.cell(row)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function AsCards<Row>({ label, rows, columns, keyOf, pathOf }: RowsProps<Row>) {
  const [first, ...rest] = columns.filter(({ wideOnly }) => !wideOnly);
  return (
    <ul className="cards" aria-label={label}>
      {rows.map((row) => (
        <li key={keyOf(row)}>
          <Named path={pathOf?.(row) ?? null}>{first?.cell(row)}</Named>
          <dl>
            {rest.map((column) => (
              <Fact key={column.label} name={column.label} value={column.cell(row)} />
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** A value with its name, or nothing where there is none. */
function Fact({ name, value }: { name: string; value: ReactNode }) {
  if (value === null || value === undefined || value === '') return null;
  return (
    <div style={{ display: 'contents' }}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Named({ path, children }: { path: string | null; children: ReactNode }) {
  if (path === null) return <>{children}</>;
  return (
    <To path={path} className="row-link">
      {children}
    </To>
  );
}
