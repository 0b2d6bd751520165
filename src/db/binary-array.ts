/**
 * PostgreSQL's binary form of a one-dimensional array (src/backend/utils/adt/arrayfuncs.c, array_recv).
 * node-postgres sends a Buffer as a binary parameter, so a whole column of a micro-batch travels as one
 * value: no escaping, and no hex for `bytea`, which would double the bytes of every webhook body.
 * The arrays are never empty: a batch holds at least one event.
 */
const TEXT_OID = 25;
const BYTEA_OID = 17;
const HEADER_BYTES = 20;

export function textArray(values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const out = withHeader(size, TEXT_OID, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : out.write(value, at + 4);
    out.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return out;
}

export function byteaArray(values: readonly Buffer[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += 4 + value.length;
  const out = withHeader(size, BYTEA_OID, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    out.writeInt32BE(value.length, at);
    value.copy(out, at + 4);
    at += 4 + value.length;
  }
  return out;
}

function withHeader(size: number, elementOid: number, count: number): Buffer {
  const out = Buffer.allocUnsafe(size);
  out.writeInt32BE(1, 0); // dimensions
  out.writeInt32BE(1, 4); // may contain nulls
  out.writeInt32BE(elementOid, 8);
  out.writeInt32BE(count, 12);
  out.writeInt32BE(1, 16); // lower bound
  return out;
}
