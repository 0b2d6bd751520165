import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript-5';

/** The name under which `import * as X` refers to all of a file. */
const WHOLE_FILE = '*';

/** A place in which names are looked up: a file, or a namespace inside one. */
export interface Scope {
  file: string;
  /** Dotted namespace path inside the file; empty for the file itself. */
  path: string;
  parent: Scope | null;
  names: Map<string, Declaration>;
}

/** One named thing of the package. A name may be an interface and a namespace at once. */
export interface Declaration {
  name: string;
  scope: Scope;
  interface?: ts.InterfaceDeclaration;
  alias?: ts.TypeAliasDeclaration;
  class?: ts.ClassDeclaration;
  members?: Scope;
  /** Where an imported name really lives. */
  from?: { file: string; name: string } | undefined;
}

/** The declarations of every `.d.ts` under `folder`, by path relative to it without the extension. */
export function readDeclarations(folder: string): Map<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const path of filesUnder(folder, '.d.ts')) {
    const file = relative(folder, path).slice(0, -'.d.ts'.length);
    const scope: Scope = { file, path: '', parent: null, names: new Map() };
    declareAll(parse(path).statements, scope);
    scopes.set(file, scope);
  }
  return scopes;
}

/** Every file under `folder` with this ending, sorted so that what is derived does not depend on the disk. */
export function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Parses one file; comments are skipped, they are two thirds of the package and nothing here reads them. */
export function parse(path: string): ts.SourceFile {
  const languageVersion = ts.ScriptTarget.ESNext;
  const options = { languageVersion, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), options, true);
}

/** Finds what `name` (possibly dotted) means when it is written inside `scope`. */
export function lookUp(scopes: Map<string, Scope>, scope: Scope, name: string): Declaration | undefined {
  const [head = '', ...rest] = name.split('.');
  for (let place: Scope | null = scope; place !== null; place = place.parent) {
    const found = follow(scopes, place.names.get(head));
    const declaration = found && descend(scopes, found, rest);
    if (declaration) return declaration;
  }
  return undefined;
}

function descend(scopes: Map<string, Scope>, start: Declaration, path: string[]): Declaration | undefined {
  let found: Declaration | undefined = start;
  for (const part of path) found = follow(scopes, found?.members?.names.get(part));
  return found;
}

function follow(scopes: Map<string, Scope>, found: Declaration | undefined): Declaration | undefined {
  if (!found?.from) return found;
  const target = scopes.get(found.from.file);
  if (target && found.from.name === WHOLE_FILE) return { ...found, from: undefined, members: target };
  return follow(scopes, target?.names.get(found.from.name));
}

function declareAll(statements: Iterable<ts.Statement>, scope: Scope): void {
  for (const statement of statements) {
    if (ts.isInterfaceDeclaration(statement)) entry(scope, statement.name.text).interface = statement;
    else if (ts.isTypeAliasDeclaration(statement)) entry(scope, statement.name.text).alias = statement;
    else if (ts.isClassDeclaration(statement) && statement.name)
      entry(scope, statement.name.text).class = statement;
    else if (ts.isModuleDeclaration(statement)) declareNamespace(statement, scope);
    else if (ts.isImportDeclaration(statement)) declareImports(statement, scope);
    else if (ts.isExportDeclaration(statement)) declareReExports(statement, scope);
  }
}

function declareNamespace(statement: ts.ModuleDeclaration, scope: Scope): void {
  const name = statement.name.text;
  const found = entry(scope, name);
  const path = scope.path === '' ? name : `${scope.path}.${name}`;
  found.members ??= { file: scope.file, path, parent: scope, names: new Map() };
  if (statement.body && ts.isModuleBlock(statement.body))
    declareAll(statement.body.statements, found.members);
}

function declareImports(statement: ts.ImportDeclaration, scope: Scope): void {
  const bindings = statement.importClause?.namedBindings;
  if (!bindings || !ts.isStringLiteral(statement.moduleSpecifier)) return;
  const file = resolveFile(scope.file, statement.moduleSpecifier.text);
  if (ts.isNamespaceImport(bindings)) entry(scope, bindings.name.text).from = { file, name: WHOLE_FILE };
  else
    for (const { name, propertyName } of bindings.elements)
      entry(scope, name.text).from = { file, name: (propertyName ?? name).text };
}

function declareReExports(statement: ts.ExportDeclaration, scope: Scope): void {
  const { exportClause: names, moduleSpecifier: module } = statement;
  if (!names || !ts.isNamedExports(names) || !module || !ts.isStringLiteral(module)) return;
  const file = resolveFile(scope.file, module.text);
  for (const { name, propertyName } of names.elements)
    entry(scope, name.text).from ??= { file, name: (propertyName ?? name).text };
}

function resolveFile(from: string, specifier: string): string {
  return join(dirname(from), specifier).replace(/\.js$/, '');
}

function entry(scope: Scope, name: string): Declaration {
  let found = scope.names.get(name);
  if (!found) scope.names.set(name, (found = { name, scope }));
  return found;
}
