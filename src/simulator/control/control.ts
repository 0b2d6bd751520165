import type { SiteParts } from '../site.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { RequestLog } from './request-log.ts';

export async function handleControl(
  _parts: SiteParts,
  _requests: RequestLog,
  _request: WebRequest,
): Promise<WebAnswer> {
  return { status: 404, headers: {}, body: '' };
}
