/** What reading a request's body came to. */
export type BodyReading =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' };

/**
 * Reads a body of at most `bytesMax` bytes and stops reading beyond: a `Content-Length` that is too large
 * is refused before the first byte, a body without one as soon as it grows too large.
 */
export async function readBody(request: Request, bytesMax: number): Promise<BodyReading> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > bytesMax) return { kind: 'too_large' };
  if (!request.body) return { kind: 'bytes', bytes: Buffer.alloc(0) };
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: 'bytes', bytes: Buffer.concat(chunks, size) };
      size += value.length;
      if (size > bytesMax) {
        await reader.cancel();
        return { kind: 'too_large' };
      }
      chunks.push(value);
    }
  } catch {
    return { kind: 'aborted' };
  }
}
