import type { Api } from '../http/api.ts';
import type { Problem } from '../http/problem.ts';
import type { Logger } from '../log.ts';
import { failureWord } from '../stripe/failure-word.ts';
import { stripeRefusal } from '../stripe/failures.ts';
import type { Doctor } from './doctor.ts';
import { GET_DOCTOR, REPAIR_ENDPOINT } from './operations.ts';

export function doctorRoutes(api: Api, { doctor, logger }: { doctor: Doctor; logger: Logger }): void {
  api.on(GET_DOCTOR, async () => ({ value: await doctor.look() }));
  api.on(REPAIR_ENDPOINT, async ({ body: { endpoint } }) => {
    try {
      const { id, url, did, secret, variable } = await doctor.repair(endpoint);
      return { value: { endpoint, id, url, did, secret, variable } };
    } catch (error) {
      return { problem: problemOf(error, logger) };
    }
  });
}

const UNAVAILABLE =
  'Stripe did not answer. Try again; an endpoint that it made meanwhile has its secret in the Dashboard.';

const NOT_CONFIGURED = {
  stripe_not_configured: {
    status: 409,
    code: 'stripe_not_configured',
    detail: 'No Stripe key is configured: set STRIPE_SECRET_KEY.',
  },
};

function problemOf(error: unknown, logger: Logger): Problem {
  const code = failureWord(error, {
    words: NOT_CONFIGURED,
    logger,
    message: 'an endpoint could not be repaired',
  });
  switch (code) {
    case 'stripe_not_configured':
      return NOT_CONFIGURED[code];
    case 'stripe_rejected':
      return { status: 422, code, detail: `Stripe refused: ${stripeRefusal(error).message}` };
    case 'stripe_unavailable':
      return { status: 502, code, detail: UNAVAILABLE };
    default:
      return code satisfies never;
  }
}
