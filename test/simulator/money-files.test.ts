import { expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

/** Bytes that are no text in any encoding. */
const PICTURE = Buffer.from(Array.from({ length: 2_000 }, (_, index) => index % 256));

function upload(name = 'receipt.png', data: Buffer = PICTURE) {
  return local.stripe.files.create({
    purpose: 'dispute_evidence',
    file: { data, name, type: 'image/png' },
    file_link_data: { create: true },
  });
}

const get = (url: string | null, key = 'sk_test_simulator'): Promise<Response> =>
  fetch(url ?? '', { headers: { authorization: `Bearer ${key}` } });

it('a file is kept byte for byte, and given to who has the key', async () => {
  const file = await upload('Beleg für Ada.png');
  expect(file).toMatchObject({ filename: 'Beleg für Ada.png', size: 2_000, type: 'png' });
  const answer = await get(file.url);
  expect(Buffer.from(await answer.arrayBuffer()).equals(PICTURE)).toBe(true);
  expect((await get(file.url, 'pk')).status).toBe(401);
  expect((await get(file.url, 'sk_live_simulator')).status).toBe(404);
  expect((await local.stripe.files.list({ purpose: 'dispute_evidence' })).data).toHaveLength(1);
});

it('a link gives a file to everybody until it ends', async () => {
  const { id, links } = await local.stripe.files.retrieve((await upload()).id);
  expect(links?.data).toHaveLength(1);
  const link = await local.stripe.fileLinks.create({ file: id });
  const opened = await fetch(link.url ?? '');
  expect([opened.status, (await opened.arrayBuffer()).byteLength]).toEqual([200, 2_000]);
  const ended = await local.stripe.fileLinks.update(link.id, { expires_at: 'now' });
  expect(ended.expired).toBe(true);
  expect((await fetch(link.url ?? '')).status).toBe(404);
});

it('a file of a kind or a size that its purpose does not allow is refused', async () => {
  expect((await refusal(upload('receipt.exe'))).param).toBe('file');
  expect((await refusal(upload('receipt.png', Buffer.alloc(6 * 1024 * 1024)))).param).toBe('file');
  const { body } = await local.raw('/v1/files', { method: 'POST', body: 'purpose=dispute_evidence&file=x' });
  expect(body.error.param).toBe('file');
});

const PART = 'Content-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence';

it.each([
  ['names no boundary', 'multipart/form-data', `--b\r\n${PART}\r\n--b--\r\n`],
  ['has another boundary', 'multipart/form-data; boundary=c', `--b\r\n${PART}\r\n--b--\r\n`],
  ['breaks off', 'multipart/form-data; boundary=b', `--b\r\n${PART}`],
  ['has a part without a name', 'multipart/form-data; boundary=b', '--b\r\nX: y\r\n\r\nz\r\n--b--\r\n'],
  ['has a part without content', 'multipart/form-data; boundary=b', '--b\r\nbroken\r\n--b--\r\n'],
  ['is empty', 'multipart/form-data; boundary=b', ''],
])('an upload that %s is malformed', async (_, type, text) => {
  const headers = { 'content-type': type };
  const { status, body } = await local.raw('/v1/files', { method: 'POST', body: text, headers });
  expect([status, body.error.type]).toEqual([400, 'invalid_request_error']);
  expect(body.error.message).toContain('multipart/form-data body is malformed');
});

it('a well-formed upload is read, and asked for what it lacks', async () => {
  const headers = { 'content-type': 'multipart/form-data; boundary="b"' };
  const text = `--b\r\n${PART}\r\n--b--\r\n`;
  const { body } = await local.raw('/v1/files', { method: 'POST', body: text, headers });
  expect(body.error).toMatchObject({ code: 'parameter_missing', param: 'file' });
});

it('a file may have its boundary in the middle of a line', async () => {
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const file = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nx--b--y';
  const text = `--b\r\n${PART}\r\n--b\r\n${file}\r\n--b--\r\n`;
  const { body } = await local.raw('/v1/files', { method: 'POST', body: text, headers });
  expect(body).toMatchObject({ size: 'x--b--y'.length });
});
