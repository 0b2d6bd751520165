import type { Response as UndiciResponse } from 'undici';
import { QuittanceError } from '../errors.ts';

// A Response of these has no body, and can't be made with one (Fetch standard, "null body status").
const BODILESS: readonly number[] = [204, 205, 304];
// They describe the bytes on the wire, and we have read those.
const OF_THE_WIRE = ['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'];

/** The whole answer, read, as the platform's own Response. Throws `outbound_answer_too_large`. */
export async function readAnswer(answer: UndiciResponse, bytesMax: number): Promise<Response> {
  const { status, statusText } = answer;
  const headers = new Headers([...answer.headers]);
  for (const name of OF_THE_WIRE) headers.delete(name);
  const body = await readBody(answer, bytesMax);
  return new Response(BODILESS.includes(status) ? null : body, { status, statusText, headers });
}

// Counted after it is unpacked: a few kilobytes of gzip may hold gigabytes.
async function readBody({ body }: UndiciResponse, bytesMax: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by a throw cancels the body, and with it the connection.
  for await (const chunk of body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytesMax: number): QuittanceError {
  return new QuittanceError({
    code: 'outbound_answer_too_large',
    message: `The answer is longer than ${bytesMax} bytes; ask for less at a time.`,
  });
}
