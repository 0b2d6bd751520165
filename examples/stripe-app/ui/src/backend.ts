import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { BackendError, createBackendClient, type BackendClientOptions } from 'quittance/app-client';

/** Where the backends are, one for each mode. As in stripe-app.yaml: the Dashboard lets no other through. */
const BACKENDS = { live: 'https://notes.example.com', test: 'https://test.notes.example.com' };

/** The roles, by id, of who may do everything. */
const STAFF: readonly string[] = ['admin', 'super_admin'];

export interface Note {
  id: string;
  text: string;
  author: string;
  created_at: string;
}

/** What the views ask the backend. All of them throw `BackendError`; `wordsFor` puts it into words. */
export interface Backend {
  list: (object: string) => Promise<{ name: string; notes: Note[] }>;
  add: (object: string, text: string) => Promise<Note>;
  deleteAll: (object: string) => Promise<void>;
  isSlackConnected: () => Promise<boolean>;
  /** An empty address disconnects. */
  connectSlack: (url: string) => Promise<boolean>;
}

/**
 * The backend for the user who looks at the view. `more` is for programs outside the Dashboard, which bring
 * their own way to sign.
 */
export function backendFor(
  { userContext, environment }: Pick<ExtensionContextValue, 'userContext' | 'environment'>,
  more: Partial<BackendClientOptions> = {},
): Backend {
  const client = createBackendClient({ baseUrl: BACKENDS, userContext, environment, ...more });
  // Stripe signs only roles that the user has, so the backend can rely on them.
  const shown = { roles: STAFF };
  return {
    list: (object) => client.post('/apps/notes/list', { object }),
    add: async (object, text) => {
      const { note } = await client.post<{ note: Note }>('/apps/notes/add', { object, text });
      return note;
    },
    deleteAll: async (object) => void (await client.post('/apps/notes/delete-all', { object }, shown)),
    isSlackConnected: async () => (await client.post<{ connected: boolean }>('/apps/slack/get')).connected,
    connectSlack: async (url) =>
      (await client.post<{ connected: boolean }>('/apps/slack/set', { url }, shown)).connected,
  };
}

/** Whether the Dashboard shows the user what only staff may do. The backend checks again, by signed roles. */
export function isStaff({ userContext }: Pick<ExtensionContextValue, 'userContext'>): boolean {
  return (userContext.roles ?? []).some(({ id }) => id !== undefined && STAFF.includes(id));
}

/** What went wrong, for whoever looks at the view. */
export function wordsFor(error: unknown): string {
  if (!(error instanceof BackendError)) return 'Something went wrong. Try again.';
  switch (error.code) {
    case 'not_installed':
      return 'The app is not installed on this account in this mode. Install it, then try again.';
    case 'role_missing':
      return 'Only administrators may do this.';
    case 'stale_signature':
    case 'clock':
      return 'The clocks of Stripe and of our server differ too much. Try again in a few minutes.';
    case 'timeout':
      return 'Our server did not answer in time. Reload the page to see whether it was done.';
    default:
      return WORDS[error.kind](error.detail);
  }
}

const WORDS: Record<BackendError['kind'], (detail: string) => string> = {
  // Stripe's own words are passed on: they name the permission.
  permission: (detail) => `The app may not do this on your account. ${detail}`,
  signature: () => 'Stripe could not sign the request. Reload the page and try again.',
  network: () => 'Our server can’t be reached. Check your connection and try again.',
  unavailable: () => 'Our server can’t answer just now. Try again in a minute.',
  refused: (detail) => `Our server refused: ${detail}`,
};
