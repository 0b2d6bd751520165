import type { Call, Resource } from '../server/call.ts';
import type { StripeObject } from '../store/store.ts';

const KIND = 'reporting.report_run';
const FINISH = 'reporting.finish';
const RUN_SECONDS = 1;

/** docs.stripe.com/reports/api: reports whose file is never written. */
export const reportRuns: Resource = {
  routes: { 'POST /v1/reporting/report_runs': create },
  tasks: {
    [FINISH]: (realm, id) => {
      const run = realm.row(KIND, id)?.object;
      if (!run) return;
      const done = { ...run, status: 'succeeded', succeeded_at: realm.now };
      realm.engine.store.put(realm, KIND, id, done);
      realm.emit('reporting.report_run.succeeded', done);
    },
  },
};

function create({ realm, params }: Call): StripeObject {
  const run = realm.insertRaw(KIND, { parameters: {}, ...params, status: 'pending' });
  realm.later(FINISH, run.id ?? '', RUN_SECONDS);
  return run;
}
