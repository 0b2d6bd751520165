import { findTarget } from './element.ts';
import { Frame } from './frame.ts';
import { goTo } from './intents.ts';

interface EmbeddedOptions {
  clientSecret?: string;
  fetchClientSecret?: () => Promise<string>;
  onComplete?: () => void;
}

interface EmbeddedPage {
  mount: (target: string | HTMLElement) => void;
  unmount: () => void;
  destroy: () => void;
}

/** `createEmbeddedCheckoutPage`: Checkout's own page in a frame of ours, one at a time. */
export class EmbeddedPages {
  readonly #base: string;
  readonly #next: () => number;
  #open = false;

  /** `next` gives each frame of the page its number. */
  constructor(base: string, next: () => number) {
    this.#base = base;
    this.#next = next;
  }

  async create(options: EmbeddedOptions): Promise<EmbeddedPage> {
    if (this.#open) throw new Error('IntegrationError: You cannot have multiple Embedded Checkout objects.');
    this.#open = true;
    const url = await this.#address(options).catch((thrown: unknown) => {
      this.#open = false;
      throw thrown;
    });
    let frame: Frame | null = null;
    const unmount = (): void => {
      frame?.remove();
      frame = null;
    };
    const mount = (target: string | HTMLElement): void => {
      const parent = findTarget(target);
      unmount();
      frame = new Frame(url, 'Checkout', this.#next(), ({ event, detail }) => {
        if (event === 'height' && frame) frame.iframe.style.height = `${Number(detail['height'])}px`;
        if (event !== 'complete') return;
        options.onComplete?.();
        const returnTo = String(detail['target']);
        if (returnTo !== '') void goTo(returnTo);
      });
      parent.append(frame.iframe);
    };
    const destroy = (): void => {
      unmount();
      this.#open = false;
    };
    return { mount, unmount, destroy };
  }

  async #address({ clientSecret, fetchClientSecret }: EmbeddedOptions): Promise<string> {
    const secret = clientSecret ?? (await fetchClientSecret?.());
    if (secret === undefined)
      throw new Error('IntegrationError: clientSecret or fetchClientSecret is needed.');
    const [id = ''] = secret.split('_secret_');
    return `${this.#base}/c/embed/${id}?client_secret=${encodeURIComponent(secret)}`;
  }
}
