import type { WebRequest } from '../server/http.ts';

const TYPE = /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i;
const NAME = /\bname="([^"]*)"/i;
const FILENAME = /\bfilename="([^"]*)"/i;
const CONTENT_TYPE = /^content-type:\s*([^\r\n;]+)/im;

/**
 * An upload (RFC 7578) as a form like any other: a file becomes its name, its type and its bytes in
 * base64. The
 * server has kept the body's bytes one to one as Latin-1.
 */
export function fromUpload(request: WebRequest): WebRequest {
  const boundary = TYPE.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return request;
  const form = new URLSearchParams();
  for (const part of request.body.split(`--${boundary}`).slice(1, -1)) addPart(form, part);
  const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { ...request, headers, body: form.toString() };
}

function addPart(form: URLSearchParams, part: string): void {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) return;
  const head = utf8(part.slice(0, end));
  const content = part.slice(end + 4).replace(/\r\n$/, '');
  const name = NAME.exec(head)?.[1] ?? '';
  const filename = FILENAME.exec(head)?.[1];
  if (filename === undefined) form.append(name, utf8(content));
  else {
    form.append(`${name}[name]`, filename);
    form.append(`${name}[type]`, CONTENT_TYPE.exec(head)?.[1]?.trim() ?? 'application/octet-stream');
    form.append(`${name}[data]`, Buffer.from(content, 'latin1').toString('base64'));
  }
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
