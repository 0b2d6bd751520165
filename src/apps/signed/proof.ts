import { createHash } from 'node:crypto';
import type { VerifiedAppRequest } from '../context.ts';

/** A request as it came. */
export interface Received {
  bytes: Buffer;
  method: string;
  url: URL;
}

/** What a right signature proves, and what this request has in common with itself when it comes again. */
export interface Proof {
  verified: VerifiedAppRequest;
  digest: Buffer;
}

/** `once` and `bytes` make out this request: nothing else of it may differ without making it another. */
export function proofOf(
  verified: VerifiedAppRequest,
  once: readonly unknown[],
  bytes: Uint8Array = new Uint8Array(),
): Proof {
  // As JSON, no two lists run into the same text; it holds no line break of its own.
  const digest = createHash('sha256')
    .update(`${JSON.stringify(once)}\n`)
    .update(bytes)
    .digest();
  return { verified, digest };
}
