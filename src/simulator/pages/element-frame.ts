import type { WebAnswer, WebRequest } from '../server/http.ts';
import { notice } from './layout.ts';

export function elementFrame(_request: WebRequest): WebAnswer {
  return notice('Element', '', undefined, 404);
}
