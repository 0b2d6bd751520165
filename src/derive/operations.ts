import { join } from 'node:path';
import ts from 'typescript-5';
import { filesUnder, parse, type Scope } from './declarations.ts';
import type { Node, Shapes } from './shapes.ts';

/** One route of the API: what may be sent and what comes back. */
export interface Operation {
  method: string;
  /** `{}` stands for each identifier in the path. */
  path: string;
  /** Shape of the parameters; absent when the operation takes none. */
  in?: Node;
  /** Shape of the answer, or of one element when `kind` says that it is a list. */
  out: Node;
  /** `one` object, a `list` with cursors, a `search` result, or a `v2list`. */
  kind: 'one' | 'list' | 'search' | 'v2list';
}

const RETURNS: Record<string, Operation['kind']> = {
  Promise: 'one',
  ApiListPromise: 'list',
  ApiSearchResultPromise: 'search',
  V2ListPromise: 'v2list',
};

/**
 * Reads every route out of the package's resource classes: the path from the `.js`, the types from the
 * `.d.ts`.
 */
export function readOperations(folder: string, scopes: Map<string, Scope>, shapes: Shapes): Operation[] {
  const found = new Map<string, Operation>();
  for (const path of filesUnder(folder, '.js')) {
    if (!path.includes('/resources/')) continue;
    const file = path.slice(folder.length + 1, -'.js'.length);
    const scope = scopes.get(file);
    if (!scope) continue;
    for (const call of callsIn(parse(join(folder, `${file}.js`)))) {
      const operation = typed(call, scope, shapes);
      if (operation) found.set(`${operation.method} ${operation.path}`, operation);
    }
  }
  return [...found.values()].toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
}

interface Call {
  owner: string;
  name: string;
  method: string;
  path: string;
}

function callsIn(source: ts.SourceFile): Call[] {
  const calls: Call[] = [];
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement) || !statement.name) continue;
    for (const member of statement.members) {
      const request = ts.isMethodDeclaration(member) && member.body ? requestIn(member.body) : undefined;
      if (request) calls.push({ ...request, owner: statement.name.text, name: member.name?.getText() ?? '' });
    }
  }
  return calls;
}

function requestIn(node: ts.Node): Pick<Call, 'method' | 'path'> | undefined {
  if (ts.isCallExpression(node) && node.expression.getText() === 'this._makeRequest') {
    const [method, path] = node.arguments;
    const text = path && pathText(path);
    if (method && ts.isStringLiteral(method) && text) return { method: method.text, path: text };
  }
  return ts.forEachChild(node, requestIn);
}

function pathText(path: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(path)) return path.text;
  if (!ts.isTemplateExpression(path)) return undefined;
  return path.templateSpans.reduce((text, span) => `${text}{}${span.literal.text}`, path.head.text);
}

function typed({ owner, name, method, path }: Call, scope: Scope, shapes: Shapes): Operation | undefined {
  const declared = scope.names.get(owner)?.class;
  const signature = declared?.members.find(
    (member) => ts.isMethodDeclaration(member) && member.name.getText() === name,
  );
  if (!signature || !ts.isMethodDeclaration(signature)) return undefined;
  const params = signature.parameters.find((parameter) => parameter.name.getText() === 'params')?.type;
  const returned = signature.type;
  if (!returned || !ts.isTypeReferenceNode(returned)) return undefined;
  const kind = RETURNS[returned.typeName.getText()] ?? 'one';
  const out = shapes.node(unwrapped(returned), scope);
  return { method, path, ...(params && { in: shapes.node(params, scope) }), out, kind };
}

/** `Promise<Response<X>>` and `ApiListPromise<X>` both mean X here. */
function unwrapped(type: ts.TypeReferenceNode): ts.TypeNode {
  const inner = type.typeArguments?.[0];
  if (!inner) return type;
  const wrapped = ts.isTypeReferenceNode(inner) && inner.typeName.getText() === 'Response';
  return wrapped ? (inner.typeArguments?.[0] ?? inner) : inner;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
