import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHECK_SOCKETS_MS, HEADERS_MS_MAX, REQUEST_MS_MAX } from '../../src/http/server.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { postWebhook } from '../support/quittance.ts';
import { RawConnection, webhookRequest } from '../support/raw-http.ts';
import { startServer } from '../support/server-process.ts';

const CROWD = 500;
const POSTS = 400;
const DRIP_MS = 1_000;
// What one turn of a busy two-core machine may add to any measurement.
const SLACK_MS = 500;

let url: string;

beforeAll(async () => {
  ({ url } = await freshDatabase());
});

/** Sends `first` at once and then a byte a second. Resolves with how long the server bore with it. */
function drip(base: string, first: string, rest: string): Promise<{ ms: number; raw: RawConnection }> {
  const raw = new RawConnection(base).send(first);
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => raw.send(rest.charAt((sent += 1)) || 'x'), DRIP_MS);
  onTestFinished(() => clearInterval(timer));
  return raw.closed.then(() => {
    clearInterval(timer);
    return { ms: performance.now() - started, raw };
  });
}

async function p99(base: string): Promise<number> {
  const times: number[] = [];
  const post = async (): Promise<void> => {
    for (let left = POSTS / 4; left > 0; left -= 1) {
      const started = performance.now();
      expect((await postWebhook(base, makeEvent())).status).toBe(200);
      times.push(performance.now() - started);
    }
  };
  await Promise.all([post(), post(), post(), post()]);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] as number;
}

describe('case 11: 500 sockets at a byte a second', () => {
  it('are closed by the limits of the production server, and others do not notice them', async () => {
    const server = await startServer({ databaseUrl: url });
    await server.ready;
    await p99(server.url); // warm
    const alone = await p99(server.url);
    const request = webhookRequest(makeEvent());
    const [head, body] = request.split('\r\n\r\n') as [string, string];
    const crowds = {
      silent: Array.from({ length: 50 }, () => drip(server.url, '', '')),
      heads: Array.from({ length: CROWD / 2 }, () =>
        drip(server.url, 'POST /api/webhook HTTP/1.1\r\nx: ', head),
      ),
      bodies: Array.from({ length: CROWD / 2 }, () => drip(server.url, `${head}\r\n\r\n`, body)),
    };
    // Control: slow, but within the limits, is answered.
    const patient = new RawConnection(server.url).send(`${head}\r\n\r\n`, body.slice(0, -1));
    expect(await p99(server.url)).toBeLessThan(2 * alone + SLACK_MS);
    expect(await patient.send(body.slice(-1)).answers(1)).toEqual([200]);

    const [heads, bodies] = await Promise.all([Promise.all(crowds.heads), Promise.all(crowds.bodies)]);
    await Promise.all(crowds.silent);
    const grace = 2 * CHECK_SOCKETS_MS + 5_000;
    for (const { ms, raw } of heads) {
      expect(ms).toBeGreaterThan(HEADERS_MS_MAX - 500);
      expect(ms).toBeLessThan(HEADERS_MS_MAX + grace);
      expect(raw.statuses).toEqual([408]);
    }
    for (const { ms, raw } of bodies) {
      expect(ms).toBeGreaterThan(REQUEST_MS_MAX - 500);
      expect(ms).toBeLessThan(REQUEST_MS_MAX + grace);
      expect(raw.statuses).toEqual([408]);
    }
  });

  it('nor do those who ask and never read the answers', async () => {
    const server = await startServer({ databaseUrl: url });
    await server.ready;
    const request = webhookRequest(makeEvent());
    const deaf = Array.from({ length: 50 }, () => {
      const raw = new RawConnection(server.url);
      raw.socket.pause();
      return raw.send(request.repeat(200));
    });
    expect((await postWebhook(server.url, makeEvent())).status).toBe(200);
    // Control: who begins to read gets every answer.
    const [first] = deaf as [RawConnection];
    first.socket.resume();
    expect(new Set(await first.answers(200))).toEqual(new Set([200]));
  });
});
