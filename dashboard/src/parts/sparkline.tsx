import { SERIES } from '../shell/theme.ts';

const WIDTH = 120;
const HEIGHT = 32;

/** How a number went, at a glance. */
export function Sparkline({ label, values }: { label: string; values: readonly number[] }) {
  const top = Math.max(1, ...values);
  const points = values
    .map((value, index) => {
      const x = (index / Math.max(1, values.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`;
    })
    .join(' ');
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <polyline points={points} fill="none" stroke={SERIES[0]} strokeWidth={2} strokeLinejoin="round" />
    </svg>
  );
}
