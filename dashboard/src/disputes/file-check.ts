// As src/disputes/file.ts has it, which holds all the same: this only spares the way there.
const FILE_BYTES_MAX = 5 * 1024 * 1024;
const HEAD_BYTES = 8;
const BEGINNINGS: readonly number[][] = [
  [0x25, 0x50, 0x44, 0x46, 0x2d],
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  [0xff, 0xd8, 0xff],
];

/** What the browser offers to choose. */
export const FILE_TYPES = 'application/pdf,image/png,image/jpeg';

/** Why Stripe would not take a file, or null. A name says nothing, so its beginning is read. */
export async function refusalOf(file: File): Promise<string | null> {
  if (file.size === 0) return 'This file is empty.';
  if (file.size > FILE_BYTES_MAX)
    return 'This file has more than 5 MB. Make it smaller, or send a part of it.';
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const isKnown = BEGINNINGS.some((beginning) => beginning.every((byte, index) => head[index] === byte));
  return isKnown ? null : 'Stripe takes PDF, JPEG and PNG files.';
}
