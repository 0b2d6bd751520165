import { notice, redirect } from '../../pages/layout.ts';
import { StripeError } from '../../server/errors.ts';
import type { WebAnswer, WebRequest } from '../../server/http.ts';
import type { SiteParts } from '../../site.ts';
import { ControlError, type Control } from '../control-call.ts';
import { carryOut, match, refuseStrangers } from '../control.ts';
import type { RequestLog } from '../request-log.ts';
import { accountsView } from './accounts.ts';
import { appsView } from './apps.ts';
import { clockView } from './clock.ts';
import { eventView, eventsView } from './events.ts';
import { faultsView } from './faults.ts';
import { objectView, objectsView } from './objects.ts';
import { overview } from './overview.ts';
import { requestView, requestsView } from './requests.ts';
import { shell, type View } from './shell.ts';
import { stateView } from './state.ts';

/** Every place of the control page; `{}` stands for an id. */
const VIEWS: readonly (readonly [path: string, view: (control: Control) => View])[] = [
  ['/_sim', overview],
  ['/_sim/requests', requestsView],
  ['/_sim/requests/{}', requestView],
  ['/_sim/events', eventsView],
  ['/_sim/events/{}', eventView],
  ['/_sim/objects', objectsView],
  ['/_sim/objects/{}', objectView],
  ['/_sim/accounts', accountsView],
  ['/_sim/apps', appsView],
  ['/_sim/clock', clockView],
  ['/_sim/faults', faultsView],
  ['/_sim/state', stateView],
];

/** The control page, for people; all it does it does by the control API. */
export async function controlPage(
  parts: SiteParts,
  requests: RequestLog,
  request: WebRequest,
): Promise<WebAnswer> {
  const path = request.path.replace(/(.)\/$/, '$1');
  const query = new URLSearchParams(request.query);
  const control: Control = { ...parts, requests, ids: [], query, body: {} };
  try {
    refuseStrangers(request);
    if (path === '/_sim/do' && request.method === 'POST') return await doIt(control, request.body);
    for (const [pattern, view] of VIEWS) {
      const ids = match(pattern, path);
      if (ids) return shell(control, path, view({ ...control, ids }));
    }
    return notice('Nothing here', 'The control page has no such place.', WAY_IN, 404);
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown;
    return notice(thrown.status === 404 ? 'Not here' : 'Refused', thrown.message, WAY_IN, thrown.status);
  }
}

const WAY_IN = { href: '/_sim', label: 'To the overview' };

/** Carries out what a button stands for, and leads back to its page with what came of it. */
async function doIt(control: Control, form: string): Promise<WebAnswer> {
  const { route = '', back = '', done = 'Done.', ...values } = Object.fromEntries(new URLSearchParams(form));
  const [method = '', path = ''] = route.split(' ');
  // Nobody is led out of the control page by a form that was made elsewhere.
  const target = new URL(/^\/_sim(\/|\?|$)/.test(back) ? back : '/_sim', 'http://here');
  try {
    await carryOut({ ...control, body: typed(values) }, method, path);
    target.searchParams.set('done', done);
  } catch (thrown) {
    if (!(thrown instanceof ControlError) && !(thrown instanceof StripeError)) throw thrown;
    target.searchParams.set('problem', thrown.message);
  }
  return redirect(`${target.pathname}${target.search}`);
}

/**
 * A form's texts as the control API wants them: what is empty was not said, `x:number` is a number, and
 * `x:words` a list, which may be empty.
 */
function typed(values: Record<string, string>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(values)) {
    const [key = '', type] = name.split(':');
    if (type === 'words') body[key] = text.split(',');
    if (type === 'words' || text.trim() === '') continue;
    // What is no number stays a text, so that the API can say which field it was.
    const number = Number(text);
    body[key] = type === 'number' && !Number.isNaN(number) ? number : text.trim();
  }
  return body;
}
