import { Copy } from './copy.tsx';

// An event is open down to the fields of its object.
const OPEN_DEPTH = 3;

/** A JSON value to look into. All of it is text, whatever it holds. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <div className="card">
      <div className="head section">
        <strong>{label}</strong>
        <Copy value={JSON.stringify(value, null, 2)} what={label} />
      </div>
      <div className="json" role="region" aria-label={label} tabIndex={0}>
        <Node value={value} depth={0} />
      </div>
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const label = name === undefined ? null : <span className="name">{name}: </span>;
  if (typeof value !== 'object' || value === null)
    return (
      <div>
        {label}
        <span className={typeof value === 'string' ? 'text' : 'literal'}>{JSON.stringify(value)}</span>
      </div>
    );
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0)
    return (
      <div>
        {label}
        {open + close}
      </div>
    );
  return (
    <details open={depth < OPEN_DEPTH}>
      <summary>
        {label}
        <span className="soft">
          {open} {entries.length} {close}
        </span>
      </summary>
      <div>
        {entries.map(([key, inner]) => (
          <Node key={key} name={key} value={inner} depth={depth + 1} />
        ))}
      </div>
    </details>
  );
}
