import type { WebSocket } from 'ws';
import type { Delivery } from '../events/deliveries.ts';
import { CLI_SESSION } from '../events/subscribers.ts';
import type { Engine } from '../realm.ts';
import type { Row, World } from '../store/store.ts';
import { frameText, readId, renderingsOf, type Rendering } from './frames.ts';
import { Link } from './link.ts';
import { passes, type RequestLogEntry } from './logs.ts';
import { noteAck, noteResponse, type WebhookResponse } from './outcome.ts';
import type { CliSecrets, CliSession } from './session.ts';

/** How long events are kept for a listener that went away: it dials every ten seconds to return. */
const AWAY_MS = 60_000;

const DELIVERY = '_delivery';

/** The CLI's own words on Ctrl-C; with anything else it means to come back. */
const DONE = 'Connection Done';

interface Message extends WebhookResponse {
  type?: unknown;
  event_id?: unknown;
  webhook_conversation_id?: unknown;
  webhook_id?: unknown;
}

/** The listeners that are connected, or just away, and what each still has to be told. */
export class CliHub {
  readonly #getEngine: () => Engine;
  readonly #links = new Map<string, Link>();
  #logNumber = 0;

  /** The engine has its hub as a part, so it is asked for when it is complete. */
  constructor(getEngine: () => Engine) {
    this.#getEngine = getEngine;
  }

  get #engine(): Engine {
    return this.#getEngine();
  }

  /** Takes up the sessions of an earlier run, whose listeners will dial again. */
  load(): void {
    for (const row of this.#engine.store.everywhere(CLI_SESSION))
      if (asSession(row).connected) this.#away(this.#link(row));
  }

  /** The session that a websocket id opens; undefined when it has ended, or never was. */
  find(websocketId: string): Row | undefined {
    for (const row of this.#engine.store.everywhere(CLI_SESSION))
      if (asSecrets(row).websocketId === websocketId) return row;
    return undefined;
  }

  /** Gives a session its socket, and tells it first what it missed. */
  connect(row: Row, socket: WebSocket): void {
    const link = this.#link(row);
    const before = link.socket;
    clearTimeout(link.timer);
    link.socket = socket;
    before?.terminate();
    if (!link.session.connected) {
      link.session.connected = true;
      this.#write(link);
    }
    socket.on('message', (data) => this.#hear(link, (data as Buffer).toString('utf8')));
    socket.on('error', () => socket.terminate());
    socket.on('close', (_code, reason) => {
      if (link.socket !== socket) return;
      link.socket = undefined;
      if (reason.toString('utf8') === DONE) this.#end(link);
      else this.#away(link);
    });
    for (const [id, renderings] of link.unacked) this.#send(link, id, renderings);
    for (const text of link.logs.values()) link.send(text);
  }

  /** Sends a delivery that has become due, or keeps it until its listener is back. */
  readonly push = (world: World, { id, endpoint, endpoint_account, ...rest }: Delivery): void => {
    const home = { account: endpoint_account, livemode: rest.endpoint_livemode };
    const row = this.#engine.store.table(home, CLI_SESSION).get(endpoint);
    if (!row) return;
    const link = this.#link(row);
    const key = keyOf(world, id);
    const renderings = new Set(renderingsOf({ ...rest, id, endpoint, endpoint_account }));
    link.unacked.set(key, renderings);
    this.#send(link, key, renderings);
  };

  /** Tells those who tail the log of this account about a request. */
  log(world: World, make: (own: boolean) => RequestLogEntry): void {
    const { settings } = this.#engine;
    for (const link of this.#links.values()) {
      const { session, world: home } = link;
      const mine = home.account === world.account;
      const ours = mine || home.account === settings.account;
      if (!session.features.includes('request_logs') || !ours || home.livemode !== world.livemode) continue;
      const entry = make(mine);
      if (!passes(entry, session.filters)) continue;
      const id = `resp_${++this.#logNumber}_${link.session.id.slice(-8)}`;
      const text = JSON.stringify({
        type: 'request_log_event',
        request_log_id: id,
        event_payload: entry.payload,
      });
      link.keepLog(id, text);
      link.send(text);
    }
  }

  /** Puts the sessions back after everything was forgotten: a listener is no object of the account. */
  restore(): void {
    for (const link of this.#links.values()) {
      link.unacked.clear();
      link.logs.clear();
      if (link.socket) this.#write(link);
      else this.#end(link);
    }
  }

  /** True while the listener with this session is connected. */
  isThere(session: string): boolean {
    return this.#links.get(session)?.socket !== undefined;
  }

  /** Closes every socket; the listeners dial again if there is a next run. */
  close(): void {
    for (const { socket, timer } of this.#links.values()) {
      clearTimeout(timer);
      socket?.removeAllListeners();
      socket?.on('error', () => undefined);
      socket?.close(1001);
      socket?.terminate();
    }
    this.#links.clear();
  }

  #link(row: Row): Link {
    let link = this.#links.get(row.id);
    if (!link) this.#links.set(row.id, (link = new Link(row, { ...asSession(row) }, asSecrets(row))));
    return link;
  }

  #send(link: Link, key: string, renderings: Iterable<Rendering>): void {
    if (!link.socket) return;
    const { store } = this.#engine;
    const [world, id] = readKey(key);
    const delivery = store.table(world, DELIVERY).get(id)?.object as unknown as Delivery | undefined;
    const event = delivery && store.table(world, delivery.event_kind).get(delivery.event)?.object;
    if (!delivery || !event) {
      link.unacked.delete(key);
      return;
    }
    const others = store.table(world, DELIVERY).where('event', delivery.event);
    const pending = others.filter(({ object }) => object['state'] === 'pending').length;
    const { secret } = link.secrets;
    for (const rendering of renderings)
      link.send(frameText({ engine: this.#engine, event, delivery, rendering, secret, pending }));
  }

  #hear(link: Link, text: string): void {
    let message: Message | null;
    try {
      message = JSON.parse(text) as Message | null;
    } catch {
      return;
    }
    if (message?.type === 'event_ack') this.#acknowledge(link, message);
    if (message?.type === 'webhook_response') {
      const { delivery } = readId(message.webhook_id, message.webhook_conversation_id);
      noteResponse(this.#engine, link.session.id, delivery, message);
    }
  }

  #acknowledge(link: Link, { event_id, webhook_id, webhook_conversation_id }: Message): void {
    if (link.logs.delete(String(event_id))) return;
    const { delivery, rendering } = readId(webhook_id ?? event_id, webhook_conversation_id);
    for (const [key, waiting] of link.unacked) {
      if (readKey(key)[1] !== delivery) continue;
      if (rendering !== undefined) waiting.delete(rendering);
      if (rendering === undefined || waiting.size === 0) link.unacked.delete(key);
      noteAck(this.#engine, readKey(key)[0], delivery);
      return;
    }
  }

  #away(link: Link): void {
    clearTimeout(link.timer);
    link.timer = setTimeout(() => this.#end(link), AWAY_MS).unref();
  }

  /** Forgets a session, and what it was still to be sent. */
  #end(link: Link): void {
    clearTimeout(link.timer);
    this.#links.delete(link.session.id);
    const { store } = this.#engine;
    store.transaction(() => {
      store.remove(link.world, CLI_SESSION, link.session.id);
      for (const key of link.unacked.keys()) {
        const [world, id] = readKey(key);
        const row = store.table(world, DELIVERY).get(id);
        if (row) store.put(world, DELIVERY, id, { ...row.object, state: 'canceled' });
      }
    });
  }

  #write({ world, session, secrets }: Link): void {
    const { store } = this.#engine;
    store.transaction(() => store.put(world, CLI_SESSION, session.id, { ...session }, { ...secrets }));
  }
}

/** A delivery's row lives with the event's account, which for a Connect event is not the listener's. */
function keyOf({ account, livemode }: World, id: string): string {
  return `${account} ${livemode ? 'live' : 'test'} ${id}`;
}

function readKey(key: string): [World, string] {
  const [account = '', mode, id = ''] = key.split(' ');
  return [{ account, livemode: mode === 'live' }, id];
}

function asSession(row: Row): CliSession {
  return row.object as unknown as CliSession;
}

function asSecrets(row: Row): CliSecrets {
  return row.hidden as unknown as CliSecrets;
}
