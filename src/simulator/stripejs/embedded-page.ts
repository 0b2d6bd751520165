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

/** `createEmbeddedCheckoutPage`: Checkout's own page in a frame of ours. */
export async function createEmbeddedPage(
  base: string,
  options: EmbeddedOptions,
  next: () => number,
): Promise<EmbeddedPage> {
  const secret = options.clientSecret ?? (await options.fetchClientSecret?.());
  if (secret === undefined) throw new Error('IntegrationError: clientSecret or fetchClientSecret is needed.');
  const [id = ''] = secret.split('_secret_');
  const url = `${base}/c/embed/${id}?client_secret=${encodeURIComponent(secret)}`;
  let frame: Frame | null = null;
  const unmount = (): void => {
    frame?.remove();
    frame = null;
  };
  const mount = (target: string | HTMLElement): void => {
    const parent = findTarget(target);
    unmount();
    frame = new Frame(url, 'Checkout', next(), ({ event, detail }) => {
      if (event === 'height' && frame) frame.iframe.style.height = `${Number(detail['height'])}px`;
      if (event !== 'complete') return;
      options.onComplete?.();
      const returnTo = String(detail['target']);
      if (returnTo !== '') void goTo(returnTo);
    });
    parent.append(frame.iframe);
  };
  return { mount, unmount, destroy: unmount };
}
