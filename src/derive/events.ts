import ts from 'typescript-5';
import type { Scope } from './declarations.ts';

/** The names of the `Event` union's members, by the literal each has as its `type`. */
export function readEventTypes(scopes: Map<string, Scope>, file: string): string[] {
  const scope = scopes.get(file);
  const union = scope?.names.get('Event')?.alias?.type;
  if (!scope || !union || !ts.isUnionTypeNode(union)) return [];
  const names = union.types.map((member) => typeLiteral(scope.names.get(member.getText())?.interface));
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

function typeLiteral(declared: ts.InterfaceDeclaration | undefined): string | undefined {
  const member = declared?.members.find((field) => field.name?.getText() === 'type');
  if (!member || !ts.isPropertySignature(member) || !member.type) return undefined;
  const { type } = member;
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : undefined;
}
