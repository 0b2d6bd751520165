import ts from 'typescript-5';
import { lookUp, type Declaration, type Scope } from './declarations.ts';

/**
 * One type, as small JSON: `s` string, `n` number, `b` boolean, `d` decimal string, `i` 64-bit integer sent
 * as a string, `t` timestamp of /v2, `?` anything; `e` enum (`o` when open), `a` array, `m` map, `r`
 * another type by number, `u` one of several, `l` a list with cursors.
 */
export type Node =
  | 's'
  | 'n'
  | 'b'
  | 'd'
  | 'i'
  | 't'
  | '?'
  | { e: string[]; o?: 1 }
  | { a: Node }
  | { m: Node }
  | { r: number }
  | { u: Node[] }
  | { l: Node };

/** Name, flags (1 may be left out, 2 may be null, 4 is unset by an empty string), type. */
export type Field = [name: string, flags: number, type: Node];

const OPTIONAL = 1;
const NULLABLE = 2;
const EMPTYABLE = 4;

const KEYWORDS = new Map<ts.SyntaxKind, Node>([
  [ts.SyntaxKind.StringKeyword, 's'],
  [ts.SyntaxKind.NumberKeyword, 'n'],
  [ts.SyntaxKind.BooleanKeyword, 'b'],
  [ts.SyntaxKind.BigIntKeyword, 'i'],
  [ts.SyntaxKind.AnyKeyword, '?'],
  [ts.SyntaxKind.UnknownKeyword, '?'],
  [ts.SyntaxKind.NeverKeyword, '?'],
]);

/** A type before its place among the others is known; `''` and null are flags of the field that holds it. */
interface Reading {
  nodes: Node[];
  flags: number;
}

/** Turns TypeScript declarations into numbered shapes; each interface is read once, when first met. */
export class Shapes {
  readonly types: Field[][] = [];
  /** What could not be understood; should stay empty. */
  readonly unknown = new Set<string>();
  readonly #numbers = new Map<ts.Node, number>();
  readonly #scopes: Map<string, Scope>;

  constructor(scopes: Map<string, Scope>) {
    this.#scopes = scopes;
  }

  /** The shape of a type that is written inside `scope`. */
  node(type: ts.TypeNode, scope: Scope): Node {
    return union(this.#read(type, scope).nodes);
  }

  #read(type: ts.TypeNode, scope: Scope): Reading {
    const word = KEYWORDS.get(type.kind);
    if (word) return one(word);
    if (type.kind === ts.SyntaxKind.VoidKeyword) return { nodes: [], flags: NULLABLE };
    if (ts.isParenthesizedTypeNode(type)) return this.#read(type.type, scope);
    if (ts.isLiteralTypeNode(type)) return this.#literal(type);
    if (ts.isUnionTypeNode(type)) return merge(type.types.map((part) => this.#read(part, scope)));
    if (ts.isArrayTypeNode(type)) return one({ a: this.node(type.elementType, scope) });
    if (ts.isTypeLiteralNode(type)) return one(this.#literalShape(type, scope));
    if (ts.isTypeReferenceNode(type)) return this.#reference(type, scope);
    return this.#puzzled(type, scope);
  }

  #literal({ literal }: ts.LiteralTypeNode): Reading {
    if (literal.kind === ts.SyntaxKind.NullKeyword) return { nodes: [], flags: NULLABLE };
    if (ts.isStringLiteral(literal))
      return literal.text === '' ? { nodes: [], flags: EMPTYABLE } : one({ e: [literal.text] });
    return one(ts.isNumericLiteral(literal) ? 'n' : 'b');
  }

  #reference(type: ts.TypeReferenceNode, scope: Scope): Reading {
    const name = type.typeName.getText();
    const [first, second] = type.typeArguments ?? [];
    if (name === 'Array' && first) return one({ a: this.node(first, scope) });
    if (name === 'Record' && second) return one({ m: this.node(second, scope) });
    if (name === 'ApiList' && first) return one({ l: this.node(first, scope) });
    if (name === 'Partial' && first) return this.#read(first, scope);
    if (name === 'Emptyable' && first) {
      const inner = this.#read(first, scope);
      return { nodes: inner.nodes, flags: inner.flags | EMPTYABLE };
    }
    if (name === 'OtherString') return one({ e: [], o: 1 });
    if (name === 'Decimal') return one('d');
    if (name === 'Date') return one('t');
    if (name === 'FileData' || name === 'Uint8Array' || name === 'NodeJS.ReadableStream') return one('?');
    const found = lookUp(this.#scopes, scope, name);
    if (found?.interface) return one(this.#interface(found.interface, found));
    if (found?.alias) return this.#alias(found, found.alias);
    return this.#puzzled(type, scope);
  }

  /**
   * `Event` is a union of some three hundred interfaces which differ only in `data`; its base says the
   * rest.
   */
  #alias(found: Declaration, alias: ts.TypeAliasDeclaration): Reading {
    const base = found.name === 'Event' ? found.scope.names.get('EventBase') : undefined;
    if (base?.interface) return one({ r: this.#number(base.interface, base) });
    return this.#read(alias.type, found.scope);
  }

  /**
   * An interface with an index signature, such as `Metadata`, is a map; every other is a shape of its own.
   */
  #interface(declared: ts.InterfaceDeclaration, found: Declaration): Node {
    const index = declared.members.find((member) => ts.isIndexSignatureDeclaration(member));
    return index ? { m: this.node(index.type, found.scope) } : { r: this.#number(declared, found) };
  }

  #number(declared: ts.InterfaceDeclaration, { scope }: Declaration): number {
    const known = this.#numbers.get(declared);
    if (known !== undefined) return known;
    const number = this.types.push([]) - 1;
    this.#numbers.set(declared, number);
    const own = this.#fields(declared.members, scope);
    const names = new Set(own.map(([name]) => name));
    const inherited = this.#inherited(declared, scope).filter(([name]) => !names.has(name));
    this.types[number] = [...inherited, ...own];
    return number;
  }

  #inherited(declared: ts.InterfaceDeclaration, scope: Scope): Field[] {
    const parents = declared.heritageClauses?.flatMap((clause) => [...clause.types]) ?? [];
    return parents.flatMap((parent) => {
      const found = lookUp(this.#scopes, scope, parent.expression.getText());
      if (found?.interface) return this.types[this.#number(found.interface, found)] ?? [];
      this.unknown.add(`${scope.file}#${scope.path}: extends ${parent.getText()}`);
      return [];
    });
  }

  #fields(members: Iterable<ts.TypeElement>, scope: Scope): Field[] {
    const fields: Field[] = [];
    for (const member of members) {
      // `deleted?: void` only tells the living object from the deleted one in TypeScript; it is never sent.
      if (!ts.isPropertySignature(member) || member.type?.kind === ts.SyntaxKind.VoidKeyword) continue;
      if (!member.type) continue;
      const name = ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();
      const { nodes, flags } = this.#read(member.type, scope);
      fields.push([name, flags | (member.questionToken ? OPTIONAL : 0), union(nodes)]);
    }
    return fields;
  }

  #literalShape(type: ts.TypeLiteralNode, scope: Scope): Node {
    const index = type.members.find((member) => ts.isIndexSignatureDeclaration(member));
    if (index) return { m: this.node(index.type, scope) };
    return { r: this.types.push(this.#fields(type.members, scope)) - 1 };
  }

  #puzzled(type: ts.TypeNode, scope: Scope): Reading {
    this.unknown.add(`${scope.file}#${scope.path}: ${type.getText().slice(0, 80)}`);
    return one('?');
  }
}

function one(node: Node): Reading {
  return { nodes: [node], flags: 0 };
}

function merge(parts: Reading[]): Reading {
  return {
    nodes: parts.flatMap(({ nodes }) => nodes),
    flags: parts.reduce((all, { flags }) => all | flags, 0),
  };
}

/** Joins the members of a union: all string literals become one enum, `boolean` is written once. */
function union(nodes: Node[]): Node {
  const words: string[] = [];
  const rest = new Map<string, Node>();
  let open = false;
  for (const node of nodes) {
    if (typeof node === 'object' && 'e' in node) {
      words.push(...node.e);
      open ||= node.o === 1;
    } else rest.set(JSON.stringify(node), node);
  }
  const all = [...rest.values()];
  if (words.length > 0 || (open && all.length === 0))
    all.unshift(open ? { e: [...new Set(words)], o: 1 } : { e: [...new Set(words)] });
  const [first, second] = all;
  if (first === undefined) return '?';
  return second === undefined ? first : { u: all };
}
