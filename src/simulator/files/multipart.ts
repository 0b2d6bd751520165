import type { WebRequest } from '../server/http.ts';

const TYPE = /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i;
const NAME = /\bname="([^"]*)"/i;
const FILENAME = /\bfilename="([^"]*)"/i;
const CONTENT_TYPE = /^content-type:\s*([^\r\n;]+)/im;

/**
 * An upload (RFC 7578) as a form like any other: a file becomes its name, its type and its bytes in base64.
 * The server has kept the body's bytes one to one as Latin-1. A malformed one stays as it is, and the API
 * refuses it.
 */
export function fromUpload(request: WebRequest): WebRequest {
  const boundary = TYPE.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return request;
  const form = new URLSearchParams();
  // Only at the start of a line is it a boundary; a file may have the same characters within one.
  const [, ...parts] = `\r\n${request.body}`.split(`\r\n--${boundary}`);
  const end = parts.pop();
  if (end?.startsWith('--') !== true || !parts.every((part) => addPart(form, part))) return request;
  const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { ...request, headers, body: form.toString() };
}

/** Says whether it is a part at all. */
function addPart(form: URLSearchParams, part: string): boolean {
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const head = utf8(part.slice(0, end));
  const content = part.slice(end + 4);
  const name = NAME.exec(head)?.[1];
  if (name === undefined || name === '') return false;
  const filename = FILENAME.exec(head)?.[1];
  if (filename === undefined) form.append(name, utf8(content));
  else {
    form.append(`${name}[name]`, filename);
    form.append(`${name}[type]`, CONTENT_TYPE.exec(head)?.[1]?.trim() ?? 'application/octet-stream');
    form.append(`${name}[data]`, Buffer.from(content, 'latin1').toString('base64'));
  }
  return true;
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
