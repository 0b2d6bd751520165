import { z } from 'zod';
import { operation } from '../http/operation.ts';
import { ENDPOINTS, GROUPS, STATUSES } from './check.ts';

const endpoint = z.enum(ENDPOINTS).describe('own account, connected accounts, or thin events about accounts');

const check = z
  .object({
    id: z.string().describe('The same for ever, for example `stripe_key`'),
    group: z.enum(GROUPS),
    title: z.string(),
    status: z.enum(STATUSES).describe('`unknown`: it could not be looked at'),
    found: z.string().describe('What is'),
    mend: z.string().nullable().describe('What to do; null when there is nothing to do'),
    repair: endpoint.nullable().describe('The endpoint that `repairEndpoint` would mend'),
  })
  .meta({ id: 'Check', description: 'One thing that the doctor looked at' });

const report = z
  .object({
    at: z.iso.datetime(),
    livemode: z.boolean(),
    /** The worst of all. */
    status: z.enum(STATUSES),
    data: z.array(check),
  })
  .meta({ id: 'DoctorReport', description: 'How this server is' });

export const GET_DOCTOR = operation({
  id: 'getDoctor',
  method: 'GET',
  path: '/api/doctor',
  tag: 'Doctor',
  summary: 'Look at keys, endpoints, secrets, clocks, database and processes',
  description: 'Calls Stripe and the database; each check has ten seconds, and none makes another fail.',
  role: 'viewer',
  answer: report,
});

const repaired = z
  .object({
    endpoint,
    id: z.string().describe('Stripe’s: we_… or ed_…'),
    url: z.string(),
    did: z.enum(['created', 'mended', 'nothing']),
    secret: z
      .string()
      .nullable()
      .describe('Told once, when the endpoint was created: Stripe does not tell it again'),
    variable: z.string().describe('Where the secret belongs'),
  })
  .meta({ id: 'RepairedEndpoint', description: 'What became of a webhook endpoint at Stripe' });

export const REPAIR_ENDPOINT = operation({
  id: 'repairEndpoint',
  method: 'POST',
  path: '/api/doctor/repair-endpoint',
  tag: 'Doctor',
  summary: 'Create a webhook endpoint at Stripe, enable it, or add the event types it lacks',
  role: 'admin',
  body: z.strictObject({ endpoint }),
  bodyExample: '{"endpoint":"own"}',
  answer: repaired,
  problems: ['stripe_not_configured', 'stripe_rejected', 'stripe_unavailable'],
});
