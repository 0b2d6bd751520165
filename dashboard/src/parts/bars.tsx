import { Table } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { SERIES } from '../shell/theme.ts';

// Until it is measured.
const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 24;
const TOP = 8;
// So that labels do not touch.
const LABEL_WIDTH = 72;
const GRID_LINES = 4;

export interface Bar {
  /** What stands below it. */
  label: string;
  value: number;
}

/** Bars, one for each day. Pointing at one tells its value, and a table below has them all. */
export function Bars({
  label,
  bars,
  format,
  formatAxis = format,
}: {
  label: string;
  bars: readonly Bar[];
  format: (value: number) => string;
  /** Shorter, where there is little room. */
  formatAxis?: (value: number) => string;
}) {
  // Drawn at the size it has, so that its words stay as large as all others.
  const { ref, width: measured } = useElementSize<HTMLElement>();
  const width = measured || WIDTH;
  const top = niceTop(Math.max(0, ...bars.map(({ value }) => value)));
  const slot = (width - LEFT) / Math.max(1, bars.length);
  const yOf = (value: number): number =>
    HEIGHT - BOTTOM - (Math.max(0, value) / top) * (HEIGHT - BOTTOM - TOP);
  const step = Math.ceil(LABEL_WIDTH / slot);
  const lines = Array.from({ length: GRID_LINES + 1 }, (_, index) => (top / GRID_LINES) * index);
  return (
    <figure ref={ref} style={{ margin: 0 }}>
      <svg className="bars" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
        {lines.map((value) => (
          <g key={value}>
            <line className="grid" x1={LEFT} x2={width} y1={yOf(value)} y2={yOf(value)} />
            <text x={LEFT - 8} y={yOf(value) + 4} textAnchor="end">
              {formatAxis(value)}
            </text>
          </g>
        ))}
        {bars.map((bar, index) => (
          <g key={bar.label}>
            <rect
              className="slot"
              x={LEFT + index * slot}
              y={TOP}
              width={slot}
              height={HEIGHT - BOTTOM - TOP}
            >
              <title>{`${bar.label}: ${format(bar.value)}`}</title>
            </rect>
            <rect
              x={LEFT + index * slot + slot * 0.15}
              y={yOf(bar.value)}
              width={slot * 0.7}
              height={HEIGHT - BOTTOM - yOf(bar.value)}
              fill={SERIES[0]}
              pointerEvents="none"
            />
            {index % step === 0 && (
              <text x={LEFT + (index + 0.5) * slot} y={HEIGHT - 6} textAnchor="middle">
                {bar.label}
              </text>
            )}
          </g>
        ))}
      </svg>
      <AsTable label={label} bars={bars} format={format} />
    </figure>
  );
}

function AsTable({
  label,
  bars,
  format,
}: {
  label: string;
  bars: readonly Bar[];
  format: (value: number) => string;
}) {
  return (
    <details>
      <summary className="link">As a table</summary>
      <Table className="rows" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Day</Table.Th>
            <Table.Th scope="col" className="end">
              {label}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bars.map((bar) => (
            <Table.Tr key={bar.label}>
              <Table.Td>{bar.label}</Table.Td>
              <Table.Td className="end number">{format(bar.value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}

/** A round number above `value`, so that the lines of the grid stand at round numbers. */
function niceTop(value: number): number {
  if (value <= 0) return GRID_LINES;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((factor) => factor * size >= value) ?? 10;
  return Math.max(GRID_LINES, step * size);
}
