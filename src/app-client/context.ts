/** A role of a Dashboard user, as the SDK gives it. */
export interface UserRole {
  /** Stays when the role is renamed (SDK 9.2 and later). */
  id?: string;
  name: string;
  type?: string;
}

/** What the client needs of the props of an extension's view. */
export interface ExtensionContext {
  userContext: {
    id?: string;
    account: { id: string; isSandbox?: boolean };
    roles?: readonly UserRole[];
  };
  environment: { mode: 'live' | 'test' };
}

/** Who works in which mode, as it is signed. */
export interface Sender {
  userId: string;
  accountId: string;
  mode: 'live' | 'test';
  roles: readonly UserRole[];
}

/** Null when the Dashboard does not say who the user is. A sandbox is no live mode, whatever it shows. */
export function senderOf({ userContext, environment }: ExtensionContext): Sender | null {
  const { id: userId, account, roles = [] } = userContext;
  if (!userId) return null;
  return { userId, accountId: account.id, mode: account.isSandbox ? 'test' : environment.mode, roles };
}
