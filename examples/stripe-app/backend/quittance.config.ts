import { defineConfig } from 'quittance';
import { countNotes, noteLeaving, notePermissions, noteUser, removeAll } from './notes.ts';
import { routes } from './routes.ts';
import { tellSlack } from './slack.ts';

export default defineConfig({
  app: {
    // As in stripe-app.yaml.
    id: 'com.example.payment-notes',
    routes,
    jobs: {
      'tell-slack': tellSlack,
      'count-notes': (_, { install, sql }) => countNotes(sql, install.id),
    },
    // Each night, for each account that has the app.
    cron: { '15 2 * * *': 'count-notes' },
    onInstall: async (install, { sql, enqueue }) => {
      await noteUser(sql, install);
      await enqueue('count-notes');
    },
    onPermissionsChanged: ({ id, permissions_granted }, { sql }) =>
      notePermissions(sql, id, permissions_granted),
    onUninstall: (install, { sql }) => noteLeaving(sql, install.id),
    // 30 days after an uninstall, unless the account comes back. What is returned stands in the record.
    removeData: (install, { sql }) => removeAll(sql, install.id),
  },
});
