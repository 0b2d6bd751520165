import { fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder, quittance, type Command } from '../support/cli.ts';
import { freshDatabase } from '../support/database.ts';
import { SECRET } from '../support/quittance.ts';
import { freePort } from '../support/server-process.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));

// Holds both processes of a server in the middle of their start until the test has killed their parent.
const CONFIG = `import { existsSync } from 'node:fs';
process.stderr.write('a process of the server starts\\n');
while (!existsSync('go-on')) await new Promise((resolve) => setTimeout(resolve, 10));
export default {};
`;

let url: string;

beforeAll(async () => {
  ({ url } = await freshDatabase());
});

interface Starting {
  command: Command;
  folder: string;
  port: number;
  letGoOn: () => void;
}

/** A server whose processes are in the middle of their start. */
async function starting(name: 'start' | 'dev', env: NodeJS.ProcessEnv): Promise<Starting> {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, 'quittance.config.mjs'), CONFIG);
  const letGoOn = (): void => writeFileSync(path.join(folder, 'go-on'), '');
  onTestFinished(letGoOn);
  const port = await freePort();
  const given = { PORT: String(port), QUITTANCE_SECRET: SECRET, QUITTANCE_SIMULATOR_PORT: '0', ...env };
  const command = quittance([name], folder, given);
  await command.says('a process of the server starts');
  return { command, folder, port, letGoOn };
}

/** Rejects when something listens on this port. */
async function claim(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

describe('a server that is ended while it starts', () => {
  it('by SIGTERM: it ends everything it has begun, and leaves nothing behind', async () => {
    const { command, folder, port, letGoOn } = await starting('start', {});
    const runtime = path.join(folder, '.quittance', 'runtime.json');
    expect(existsSync(runtime)).toBe(true);
    command.child.kill('SIGTERM');
    letGoOn();
    const { status, stderr } = await command.ended;
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(0);
    expect(existsSync(runtime)).toBe(false);
    expect(existsSync(path.join(folder, '.quittance', 'owner.json'))).toBe(false);
    await claim(port);
  });

  // `ended` tells when the last process that has its screen is gone: the children have it too.
  it.each(['start', 'dev'] as const)('%s by SIGKILL: its processes end by themselves', async (name) => {
    const { command, port, letGoOn } = await starting(name, { DATABASE_URL: url });
    command.child.kill('SIGKILL');
    await new Promise((resolve) => command.child.once('exit', resolve));
    letGoOn();
    await command.ended;
    await claim(port);
  });

  it('by SIGKILL before its processes can listen for it: they do not begin', async () => {
    const port = await freePort();
    const child = fork(BIN, ['serve', '--role', 'web'], {
      cwd: emptyFolder(),
      env: { PATH: process.env.PATH, DATABASE_URL: url, QUITTANCE_SECRET: SECRET, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.disconnect();
    await new Promise((resolve) => child.once('exit', resolve));
    await claim(port);
  });
});
