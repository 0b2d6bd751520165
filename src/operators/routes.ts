import type { Api } from '../http/api.ts';
import * as operations from './operations.ts';
import type { Operators } from './operators.ts';
import { PASSWORD_IS_CONFIGURED } from './problems.ts';

export interface OperatorRoutesOptions {
  operators: Operators;
  /** The password of `admin` comes from the options. */
  adminIsConfigured: boolean;
}

/** Operators, for admins. */
export function operatorRoutes(api: Api, { operators, adminIsConfigured }: OperatorRoutesOptions): void {
  api.on(operations.LIST_OPERATORS, async () => ({ value: { data: await operators.list() } }));

  api.on(operations.ADD_OPERATOR, async ({ body }) => {
    const added = await operators.add(body);
    return 'problem' in added ? added : { value: added, status: 201 };
  });

  api.on(operations.CHANGE_OPERATOR, async ({ body, params }) => {
    const changed = await operators.change(params.id ?? '', body);
    return 'problem' in changed ? changed : { value: changed.operator };
  });

  api.on(operations.MAKE_OPERATOR_LINK, async ({ params }) => {
    const id = params.id ?? '';
    const admin = adminIsConfigured ? await operators.byName('admin') : null;
    if (admin?.id === id) return { problem: PASSWORD_IS_CONFIGURED };
    const made = await operators.link(id, 'set_password');
    return 'problem' in made ? made : { value: made.link, status: 201 };
  });

  api.on(operations.END_OPERATOR_SESSIONS, async ({ params }) => {
    const ended = await operators.endSessions(params.id ?? '');
    return 'problem' in ended ? ended : { value: ended };
  });
}
