import { z } from 'zod';
import { ROLES } from '../http/caller.ts';
import { operation } from '../http/operation.ts';
import { operatorName } from './operator.ts';

const tag = 'Operators';
const role = z.enum(ROLES).describe('viewer looks, operator acts, admin runs the place');

const operator = z
  .object({
    id: z.string(),
    name: z.string().describe('An e-mail address, or `admin`'),
    role,
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable().describe('Since when they may not sign in'),
    has_password: z.boolean(),
    has_oidc: z.boolean().describe('They have signed in by the OpenID provider'),
  })
  .meta({ id: 'Operator', description: 'Somebody who can sign in to the console' });

const link = z
  .object({ url: z.url(), expires_at: z.iso.datetime() })
  .meta({ id: 'OneTimeLink', description: 'Good once: whoever has it is let in' });

export const LIST_OPERATORS = operation({
  id: 'listOperators',
  method: 'GET',
  path: '/api/operators',
  tag,
  summary: 'Everybody who can sign in, by name',
  role: 'admin',
  answer: z.object({ data: z.array(operator) }),
});

export const ADD_OPERATOR = operation({
  id: 'addOperator',
  method: 'POST',
  path: '/api/operators',
  tag,
  summary: 'Add an operator',
  description: 'Answers with a link, good for a day, by which they set their password.',
  role: 'admin',
  body: z.strictObject({ name: operatorName, role }),
  bodyExample: '{"name": "ann@example.com", "role": "operator"}',
  answer: z.object({ operator, link }),
  statuses: [201],
  problems: ['operator_exists'],
});

export const CHANGE_OPERATOR = operation({
  id: 'changeOperator',
  method: 'PATCH',
  path: '/api/operators/{id}',
  tag,
  summary: 'Give another role, or let them sign in no more',
  description: 'Takes effect at once, also where they are signed in.',
  role: 'admin',
  body: z.strictObject({ role: role.optional(), disabled: z.boolean().optional() }),
  bodyExample: '{"role": "viewer"}',
  answer: operator,
  problems: ['operator_not_found', 'last_admin'],
});

export const MAKE_OPERATOR_LINK = operation({
  id: 'makeOperatorLink',
  method: 'POST',
  path: '/api/operators/{id}/link',
  tag,
  summary: 'Make a link by which they set a new password',
  description: 'Good for a day; an earlier one is void. Their password is as it was until they use it.',
  role: 'admin',
  answer: link,
  statuses: [201],
  problems: ['operator_not_found', 'operator_disabled', 'password_is_configured'],
});

export const END_OPERATOR_SESSIONS = operation({
  id: 'endOperatorSessions',
  method: 'DELETE',
  path: '/api/operators/{id}/sessions',
  tag,
  summary: 'Sign them out everywhere',
  role: 'admin',
  answer: z.object({ ended: z.int().describe('How many sessions have ended') }),
  problems: ['operator_not_found'],
});
