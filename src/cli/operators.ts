import { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { QuittanceError } from '../errors.ts';
import { ROLES, type Role } from '../http/caller.ts';
import type { Problem } from '../http/problem.ts';
import type { OneTimeLink } from '../operators/links.ts';
import { normalName, operatorName, type Operator } from '../operators/operator.ts';
import { Operators } from '../operators/operators.ts';
import { noteDone } from './audit.ts';
import { withStored } from './database.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { print } from './output.ts';
import { oneOf } from './values.ts';

/** People who can sign in to the console, from the machine it runs on. */
export function operatorsCommand(): Command {
  const command = new Command('operators').description('people who can sign in to the console');
  command
    .command('list')
    .description('everybody, with their role')
    .action(() => run(async ({ operators }) => (await operators.list()).map(line).join('') || NOBODY));
  command
    .command('add')
    .description('add somebody, and print the link by which they set their password')
    .argument('<name>', 'their e-mail address, or "admin"')
    .option('--role <role>', ROLES.join(', '), oneOf(ROLES), 'operator' as Role)
    .action((name: string, { role }: { role: Role }) => add(name, role));
  command
    .command('link')
    .description('print a link that lets them in, once')
    .argument('<name>')
    .option('--password', 'to set a new password; it is good for a day, not for 15 minutes')
    .action((name: string, { password = false }: { password?: boolean }) => link(name, password));
  for (const disabled of [true, false]) {
    command
      .command(disabled ? 'disable' : 'enable')
      .description(disabled ? 'let them in no more, and end their sessions' : 'let them in again')
      .argument('<name>')
      .action((name: string) => change(name, { disabled }));
  }
  command
    .command('role')
    .description('give them another role')
    .argument('<name>')
    .argument('<role>', ROLES.join(', '), oneOf(ROLES))
    .action((name: string, role: Role) => change(name, { role }));
  command.addCommand(sessionsCommand());
  for (const each of command.commands) each.exitOverride();
  return command;
}

function sessionsCommand(): Command {
  const sessions = new Command('sessions').description('where they are signed in');
  sessions
    .command('end')
    .description('sign them out everywhere')
    .argument('<name>')
    .exitOverride()
    .action((name: string) =>
      run(async (place) => {
        const { id } = await find(place.operators, name);
        const { ended } = right(await place.operators.endSessions(id));
        await noteDone(place.database, 'endOperatorSessions', { target: id });
        return `${ended} ended.\n`;
      }),
    );
  return sessions;
}

interface Place {
  operators: Operators;
  database: Database;
}

/** Opens the place of operators of this environment. */
export function operatorsIn(database: Database, { env, port }: Environment): Operators {
  const publicUrl = (env.PUBLIC_URL || env.CLIENT_URL || `http://localhost:${port}`).replace(/\/+$/, '');
  return new Operators({ database, clock: systemClock, publicUrl });
}

async function run(work: (place: Place) => Promise<string>): Promise<void> {
  const environment = readEnvironment();
  const text = await withStored(environment, (database) =>
    work({ database, operators: operatorsIn(database, environment) }),
  );
  if (text !== null) return print(text);
  const message = 'There is no database yet: run "quittance migrate", or start the server once.';
  throw new QuittanceError({ code: 'no_database', message });
}

function add(given: string, role: Role): Promise<void> {
  return run(async ({ operators, database }) => {
    const name = operatorName.safeParse(given);
    if (!name.success) {
      const message = `"${given}" is no name of an operator: give an e-mail address, or "admin".`;
      throw new QuittanceError({ code: 'invalid_name', message });
    }
    const added = right(await operators.add({ name: name.data, role }));
    await noteDone(database, 'addOperator', { target: added.operator.id, name: name.data, role });
    return `${name.data} may sign in as ${role}. ${sayLink(added.link, 'a password is set with')}`;
  });
}

function link(name: string, password: boolean): Promise<void> {
  return run(async ({ operators, database }) => {
    const { id } = await find(operators, name);
    const made = right(await operators.link(id, password ? 'set_password' : 'sign_in'));
    await noteDone(database, 'makeOperatorLink', { target: id, password });
    return sayLink(made.link, password ? 'A password is set with' : 'They are let in with');
  });
}

function change(name: string, wanted: { role?: Role; disabled?: boolean }): Promise<void> {
  return run(async ({ operators, database }) => {
    const { id } = await find(operators, name);
    const { operator } = right(await operators.change(id, wanted));
    await noteDone(database, 'changeOperator', { target: id, ...wanted });
    return line(operator);
  });
}

async function find(operators: Operators, given: string): Promise<Operator> {
  const found = await operators.byName(normalName(given));
  if (found) return found;
  const message = `There is no operator "${given}". "quittance operators list" tells who there is.`;
  throw new QuittanceError({ code: 'operator_not_found', message });
}

function right<T extends object>(result: T | { problem: Problem }): T {
  if (!('problem' in result)) return result;
  throw new QuittanceError({ code: result.problem.code, message: result.problem.detail });
}

function sayLink({ url, expires_at }: OneTimeLink, words: string): string {
  return `${words} this link, once, until ${expires_at}:\n${url}\n`;
}

function line({ name, role, disabled_at, has_password, has_oidc }: Operator): string {
  const ways = [...(has_password ? ['password'] : []), ...(has_oidc ? ['OpenID'] : [])].join(', ');
  const state = disabled_at === null ? ways || 'has not signed in yet' : `disabled ${disabled_at}`;
  return `${name.padEnd(40)}  ${role.padEnd(8)}  ${state}\n`;
}

const NOBODY = 'Nobody. Add somebody: quittance operators add <e-mail> --role admin\n';
