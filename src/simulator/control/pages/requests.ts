import { html, type Html } from '../../pages/html.ts';
import { ControlError, type Control } from '../control-call.ts';
import type { LoggedRequest } from '../request-log.ts';
import { facts, json, list, moment, row, tag } from './parts.ts';
import type { View } from './shell.ts';

const SHOWN = 100;

/** The latest calls of the API; `?only=failed` leaves out what went well. */
export function requestsView({ requests, query }: Control): View {
  const failed = query.get('only') === 'failed';
  const wanted = requests.list(Infinity).filter(({ status }) => !failed || status >= 400);
  const body = html`<p class="lead">
      The latest ${SHOWN} calls of the API, newest first.
      ${
        failed
          ? html`Only what was refused. <a href="/_sim/requests">Show all</a>`
          : html`<a href="/_sim/requests?only=failed">Show only what was refused</a>`
      }
    </p>
    ${requestRows(wanted.slice(0, SHOWN))}`;
  return { title: 'Requests', body };
}

/** One call with what was sent and answered. */
export function requestView({ requests, ids }: Control): View {
  const [id = ''] = ids;
  const found = requests.find(id);
  if (!found)
    throw new ControlError(404, 'not_found', `No request ${id} is remembered: only the latest thousand are.`);
  const body = html`<section class="box">
      ${facts([
        ['Status', statusTag(found.status)],
        ['When', `${moment(found.at)} UTC, ${found.ms} ms`],
        ['Request id', html`<code>${found.id}</code>`],
        ['Account', found.account ?? 'none: the key was not accepted'],
        ['Mode', found.livemode === null ? '' : found.livemode ? 'live' : 'test'],
        ['API version', found.api_version ?? ''],
        ['Idempotency key', keyOf(found)],
      ])}
    </section>
    <h2>Parameters</h2>
    ${json(found.params ?? {}, 'Parameters')}
    <h2>Answer</h2>
    ${json(found.answer, 'Answer')}`;
  return { title: `${found.method} ${found.path}`, body };
}

export function requestRows(requests: LoggedRequest[]): Html {
  const rows = requests.map(({ id, method, path, status, at, ms, replayed }) =>
    row(
      statusTag(status),
      html`${method} ${path}${replayed && ' (replayed)'}`,
      `${moment(at)} · ${ms} ms`,
      `/_sim/requests/${id}`,
    ),
  );
  return list(rows, {
    title: 'No requests yet.',
    advice: 'Point a client at this address and make a call; docs/simulator.md shows how.',
  });
}

function keyOf({ idempotency_key: key, replayed }: LoggedRequest): string {
  return `${key ?? 'none'}${replayed ? ' (answered from before)' : ''}`;
}

function statusTag(status: number): Html {
  return tag(String(status), status < 400 ? 'good' : 'bad');
}
