const SNAPSHOTS = [
  'account.application.authorized',
  'account.application.deauthorized',
  'apps.install.created',
  'apps.install.updated',
  'apps.install.deleted',
] as const;

/** Events that make, change and end installs, with their thin twins: nobody knows their account yet. */
export const INSTALL_EVENTS: readonly string[] = SNAPSHOTS.flatMap((type) => [type, `v1.${type}`]);
