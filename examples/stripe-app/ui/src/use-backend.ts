import { useMemo } from 'react';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { backendFor, type Backend } from './backend.ts';

/** The backend, made anew only when another user, account or mode looks. */
export function useBackend(context: ExtensionContextValue): Backend {
  const { userContext, environment } = context;
  // The Dashboard may hand over equal objects that are new ones; their contents tell.
  const roles = JSON.stringify(userContext.roles);
  return useMemo(
    () => backendFor(context),
    [userContext.id, userContext.account.id, roles, environment.mode],
  );
}
