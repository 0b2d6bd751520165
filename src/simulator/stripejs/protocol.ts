// What the script on the shop's page and the simulator's frames say to each other, by postMessage.

/** Marks the messages of this protocol among all others that a page gets. */
export const MARK = 'quittance-simulator';

/** From the page to a frame: do something and answer under the same number. */
export interface FrameCall {
  mark: typeof MARK;
  call: number;
  method: FrameMethod;
  args: unknown;
}

export type FrameMethod =
  | 'configure'
  | 'createPaymentMethod'
  | 'validate'
  | 'value'
  | 'focus'
  | 'blur'
  | 'clear';

/** From a frame to the page: the answer to a call. */
export interface FrameAnswer {
  mark: typeof MARK;
  answer: number;
  result: unknown;
}

/** From a frame to the page: something happened. */
export interface FrameEvent {
  mark: typeof MARK;
  event: 'ready' | 'change' | 'focus' | 'blur' | 'escape' | 'height' | 'complete' | 'authenticated';
  detail: Record<string, unknown>;
}

/** What a frame needs to know before it can do anything. */
export interface FrameConfig {
  /** Where the API is, and the publishable key for it. */
  base: string;
  key: string;
  /** The kind of element: `payment`, `card`, `address`, … */
  kind: string;
  methods: string[];
  /** What the shop's page knows about the buyer already. */
  billing: BillingDetails;
}

export interface BillingDetails {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  address?: Record<string, string | null | undefined> | null;
}

/** An error as Stripe.js returns it. */
export interface JsError {
  type: string;
  code?: string | undefined;
  decline_code?: string | undefined;
  message: string;
  param?: string | undefined;
  payment_intent?: unknown;
  setup_intent?: unknown;
}

/** Whether a message belongs to this protocol. */
export function isOurs(data: unknown): data is { mark: typeof MARK } {
  return typeof data === 'object' && data !== null && (data as { mark?: unknown }).mark === MARK;
}
