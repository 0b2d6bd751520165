import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Cli, type CliVersion, type Listener } from '../support/cli.ts';
import { Receiver } from '../support/receiver.ts';
import { control, startLocal, type Local } from '../support/simulator.ts';

/** What came of one `stripe trigger`. */
export interface Outcome {
  name: string;
  /** The CLI's own verdict: each of its requests was answered as its fixture expects. */
  passed: boolean;
  /** `stripe listen` printed the event, and a server behind it accepted it as the real client does. */
  seen: boolean;
  /** Seconds that the simulator's clock had to be moved for it. */
  waited: number;
  /** What the CLI said, or which events came instead. */
  note: string;
}

/** Fixtures whose name is not the event's. */
const EVENT_OF: Readonly<Record<string, string>> = {
  'subscription.payment_failed': 'invoice.payment_failed',
  'subscription.payment_succeeded': 'invoice.payment_succeeded',
};

/** Fixtures that spend more than they have paid in: they are for an account which has sold something. */
const SPENDS = /^transfer\./;

/** How far the clock is moved for an event that does not come at once: a bank's answer, a day, a month. */
const WAITS_SECONDS = [60, 24 * 3600, 31 * 24 * 3600];
const SEEN_MS_MAX = 5_000;
const NOTE_CHARS = 150;

/** A simulator with the real CLI at it: one listener for snapshot events and one for thin ones. */
export class TriggerBench {
  readonly #folder: string;
  readonly #local: Local;
  readonly #cli: Cli;
  readonly #target: Receiver;
  readonly #listeners: { snapshot: Listener; thin: Listener };

  private constructor(parts: {
    folder: string;
    local: Local;
    cli: Cli;
    target: Receiver;
    listeners: { snapshot: Listener; thin: Listener };
  }) {
    this.#folder = parts.folder;
    this.#local = parts.local;
    this.#cli = parts.cli;
    this.#target = parts.target;
    this.#listeners = parts.listeners;
  }

  /** Over a unix socket, since two fixtures ask another host of Stripe's, which no option names. */
  static async start(version: CliVersion): Promise<TriggerBench> {
    const folder = mkdtempSync(path.join(tmpdir(), 'quittance-triggers-'));
    const unixSocket = path.join(folder, 'stripe.sock');
    const [local, target] = await Promise.all([startLocal({ unixSocket }), Receiver.start()]);
    const cli = await Cli.of(version, '', { STRIPE_CLI_UNIX_SOCKET: unixSocket, HTTPS_PROXY: '' });
    const modern = version === '1.52.0';
    const to = ['--forward-to', target.url];
    const thinTo = modern ? ['--all-thin', ...to] : ['--thin-events', '*', '--forward-thin-to', target.url];
    const listen = ['listen', '-s', '--format', 'JSON'];
    const snapshot = await cli.start(...listen, ...(modern ? ['--all-snapshot'] : []), ...to);
    const thin = await cli.start(...listen, ...thinTo);
    target.secrets = [snapshot, thin].map(({ notes }) => /whsec_\w+/.exec(notes.join('\n'))?.[0] ?? '');
    return new TriggerBench({ folder, local, cli, target, listeners: { snapshot, thin } });
  }

  /** The names that this CLI knows. */
  async names(): Promise<string[]> {
    const { stdout } = await this.#cli.run('trigger', '--help');
    const [, listed = ''] = /Supported events:\n((?: {2}\S+\n)+)/.exec(stdout) ?? [];
    return listed.trim().split(/\s+/);
  }

  /** Triggers something in a simulator that is empty, and looks for the event that it is named after. */
  async run(name: string, event = eventOf(name)): Promise<Outcome> {
    await this.#local.sim.reset();
    if (SPENDS.test(name)) await this.#earn();
    const { code, stdout, stderr } = await this.#cli.run('trigger', name);
    const passed = code === 0;
    const said = `${stdout}\n${stderr}`.split('\n').filter((line) => /fail|error|message/i.test(line));
    const waited = await this.#bringAbout(event);
    const seen = waited !== undefined && (await this.#isSeen(event));
    const instead = waited === undefined ? `only ${(await this.#types()).join(' ') || 'nothing'}` : '';
    const note = (passed ? (seen ? '' : instead) : said.join(' ')).slice(0, NOTE_CHARS);
    return { name, passed, seen, waited: waited ?? 0, note };
  }

  async close(): Promise<void> {
    await this.#cli.close();
    this.#target.close();
    await this.#local.sim.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #earn(): Promise<void> {
    await this.#local.stripe.paymentIntents.create({
      amount: 10_000,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_bypassPending',
      return_url: 'https://shop.example',
    });
  }

  /** Moves the clock until there is such an event; undefined when there never is. */
  async #bringAbout(event: string): Promise<number | undefined> {
    let waited = 0;
    for (const wait of [0, ...WAITS_SECONDS]) {
      if (wait > 0) await this.#local.sim.clock.advance(wait);
      waited += wait;
      if ((await this.#types()).includes(event)) return waited;
    }
    return undefined;
  }

  async #types(): Promise<string[]> {
    const shown = await control<{ data: { event: { type: string } }[] }>(
      this.#local.sim,
      'GET',
      'events?limit=100',
    );
    return shown.data.map(({ event }) => event.type);
  }

  /** True once the CLI has printed and forwarded it; the receiver checks the signature. */
  async #isSeen(event: string): Promise<boolean> {
    const { snapshot, thin } = this.#listeners;
    const listener = event.startsWith('v1.') ? thin : snapshot;
    const late = new Promise<false>((resolve) => {
      setTimeout(() => resolve(false), SEEN_MS_MAX).unref();
    });
    const taken = this.#target.waitFor(event);
    // Of a thin event that it forwards the CLI prints the id only.
    const printed = async () =>
      event.startsWith('v1.') ? thin.note((await taken).event.id) : listener.event(event);
    const both = Promise.all([printed(), taken]).then(() => true);
    const seen = await Promise.race([both, late]);
    // The next trigger is to be seen for itself.
    snapshot.lines.length = 0;
    thin.lines.length = 0;
    this.#target.received.length = 0;
    return seen;
  }
}

function eventOf(name: string): string {
  return EVENT_OF[name] ?? name.replace(/\.(eu|gb)$/, '');
}
