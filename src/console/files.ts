import { readFile } from 'node:fs/promises';

// Where the build put the console; the same place seen from src (under the tests) and from dist.
export const BUILT_CONSOLE = new URL('../../dist/dashboard/', import.meta.url);

/** Made by the build beside each file, best first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** An encoding that the browser says it does not want. */
const REFUSED = /;\s*q=0(\.0*)?\s*$/;

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The console's page as it was built, with places for a nonce; null when it was not built. */
export async function builtPage(folder: URL): Promise<string | null> {
  return (await read(folder, 'index.html'))?.toString('utf8') ?? null;
}

/** A script or stylesheet of the console, or null when there is none of that name (which has its hash). */
export async function builtAsset(
  folder: URL,
  name: string,
  acceptEncoding: string,
): Promise<Response | null> {
  const type = TYPES[/^[\w-]+\.(\w+)$/.exec(name)?.[1] ?? ''];
  if (!type) return null;
  const headers = {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
  };
  const accepted = acceptEncoding
    .split(',')
    .filter((part) => !REFUSED.test(part))
    .map((part) => part.split(';')[0]?.trim());
  for (const [encoding, ending] of ENCODINGS) {
    const packed = accepted.includes(encoding) ? await read(folder, `assets/${name}${ending}`) : null;
    if (packed) return new Response(packed, { headers: { ...headers, 'content-encoding': encoding } });
  }
  const plain = await read(folder, `assets/${name}`);
  return plain && new Response(plain, { headers });
}

async function read(folder: URL, name: string): Promise<Buffer<ArrayBuffer> | null> {
  try {
    return await readFile(new URL(name, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
