import {
  MARK,
  isOurs,
  type FrameAnswer,
  type FrameCall,
  type FrameEvent,
  type FrameMethod,
} from './protocol.ts';

/** An iframe of the simulator on the shop's page, and the talk with it. */
export class Frame {
  readonly iframe: HTMLIFrameElement;
  readonly #origin: string;
  readonly #onEvent: (event: FrameEvent) => void;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  readonly #listen = (message: MessageEvent): void => this.#receive(message);
  #calls = 0;

  /** `url` is the frame's address; its origin is the only one that is listened to. */
  constructor(url: string, title: string, number: number, onEvent: (event: FrameEvent) => void) {
    this.#origin = new URL(url).origin;
    this.#onEvent = onEvent;
    this.iframe = document.createElement('iframe');
    this.iframe.src = url;
    this.iframe.title = title;
    this.iframe.name = `__privateStripeFrame${number}`;
    this.iframe.setAttribute('allow', 'payment *');
    // Set property by property: a strict policy of the page forbids style attributes, but not this.
    Object.assign(this.iframe.style, { border: '0', width: '100%', display: 'block', colorScheme: 'light' });
    window.addEventListener('message', this.#listen);
  }

  /** Asks the frame to do something. Never answered once the frame is gone. */
  call(method: FrameMethod, args: unknown): Promise<unknown> {
    this.#calls += 1;
    const call: FrameCall = { mark: MARK, call: this.#calls, method, args };
    return new Promise((resolve) => {
      this.#waiting.set(call.call, resolve);
      this.iframe.contentWindow?.postMessage(call, this.#origin);
    });
  }

  remove(): void {
    window.removeEventListener('message', this.#listen);
    this.iframe.remove();
  }

  #receive({ source, origin, data }: MessageEvent): void {
    if (source !== this.iframe.contentWindow || origin !== this.#origin || !isOurs(data)) return;
    if ('answer' in data) {
      const { answer, result } = data as FrameAnswer;
      this.#waiting.get(answer)?.(result);
      this.#waiting.delete(answer);
    } else if ('event' in data) this.#onEvent(data as FrameEvent);
  }
}
