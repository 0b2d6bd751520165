import './global-expect.ts';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { getMockContextProps } from '@stripe/ui-extension-sdk/testing';
import { onTestFinished, vi } from 'vitest';

export const ADMINISTRATOR = { id: 'admin', name: 'Administrator', type: 'builtIn' } as const;
export const SUPPORT = { id: 'support_specialist', name: 'Support', type: 'builtIn' } as const;

/** Where the views think that the backend is; here it is wherever the test says. */
const BACKEND = 'https://test.notes.example.com';
const SLACK = 'https://hooks.slack.com/';

/** Signs what an extension wants to send, as Stripe does for the user who is signed in. */
export type Sign = (payload: Record<string, unknown>) => Promise<string>;

export interface Visitor {
  user: string;
  account: string;
  roles?: ExtensionContextValue['userContext']['roles'];
}

/** What a view is given when this user looks at this object. */
export function propsFor({ user, account, roles }: Visitor, object: string | null): ExtensionContextValue {
  const props = getMockContextProps({
    userContext: { id: user, account: { id: account }, ...(roles ? { roles } : {}) },
    environment: { mode: 'test' },
  });
  const objectContext = object === null ? null : { id: object, object: 'customer' };
  return { ...props, environment: { ...props.environment, objectContext } };
}

export interface Dashboard {
  /** The addresses that the views asked. */
  asked: string[];
  /** Whether the views reach anything. */
  isOnline: boolean;
  /** What Slack was sent. */
  slack: { url: string; body: unknown }[];
}

/**
 * Puts an extension's surroundings up: the Dashboard's side of `fetchStripeSignature`, and a network in which
 * the backend's name leads to `url` and Slack says ok.
 */
export function openDashboard(sign: Sign, url: string): Dashboard {
  const dashboard: Dashboard = { asked: [], isOnline: true, slack: [] };
  const call = { supportsFetchAppEmbeddedKey: async () => false, fetchStripeSignature: sign };
  vi.stubGlobal('__StripeExtExports', { endpoint: { call } });
  const network = globalThis.fetch;
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const address = String(input instanceof Request ? input.url : input);
    if (address.startsWith(SLACK)) {
      dashboard.slack.push({ url: address, body: await new Response(init?.body).json() });
      return new Response('ok');
    }
    if (!address.startsWith(BACKEND)) return network(input, init);
    dashboard.asked.push(address);
    if (!dashboard.isOnline) throw new TypeError('Failed to fetch');
    return network(address.replace(BACKEND, url), init);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return dashboard;
}
