/** The floor: what node:http, one HMAC and one JSON.parse cost. Nothing is stored, so nothing is promised. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { SECRET } from './event.ts';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const [, timestamp, signature = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['stripe-signature'])) ?? [];
    const expected = createHmac('sha256', SECRET).update(`${timestamp}.`).update(body).digest();
    const good = timingSafeEqual(expected, Buffer.from(signature, 'hex'));
    const { id } = JSON.parse(body.toString()) as { id: string };
    response.writeHead(good && id ? 200 : 400, { 'content-type': 'application/json', 'content-length': 17 });
    response.end('{"received":true}');
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
