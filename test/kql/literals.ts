import { KqlError } from './error.ts';
import { constant, type Expression } from './expression.ts';
import { child, items, nameOf, type SyntaxNode, textOf } from './syntax.ts';
import { parseDatetime, parseTimespan } from './time.ts';
import { exact, type Type, typeNamed, type Value } from './values.ts';

const TYPES: Readonly<Record<string, Type>> = {
  BooleanLiteralExpression: 'bool',
  IntLiteralExpression: 'int',
  LongLiteralExpression: 'long',
  RealLiteralExpression: 'real',
  DateTimeLiteralExpression: 'datetime',
  TimespanLiteralExpression: 'timespan',
  GuidLiteralExpression: 'guid',
  StringLiteralExpression: 'string',
  CompoundStringLiteralExpression: 'string',
};

/** A literal as an expression; nothing for any other node. */
export function literal(node: SyntaxNode): Expression | undefined {
  if (node.kind === 'DynamicExpression') return constant('dynamic', jsonOf(child(node, 'Expression')));
  if (node.kind === 'TypeOfLiteralExpression') return constant('string', typeOfLiteral(node));
  const type = TYPES[node.kind];
  return type === undefined ? undefined : constant(type, literalValue(textOf(node), type));
}

/** `typeof(long)` */
export function typeOfLiteral(node: SyntaxNode): Type {
  const [type] = items(node, 'Types');
  if (type === undefined) throw new KqlError('typeof() of nothing');
  return typeNamed(textOf(type));
}

function literalValue(text: string, type: Type): Value {
  if (type === 'string') return text;
  if (text.trim() === 'null') return null;
  switch (type) {
    case 'bool':
      return text.toLowerCase() === 'true' || text === '1';
    case 'int':
    case 'long':
      return exact(Number(text));
    case 'real':
      return realOf(text);
    case 'datetime':
      return wellFormed(parseDatetime(text), text, type);
    case 'timespan':
      return wellFormed(parseTimespan(text), text, type);
    default:
      return text.toLowerCase();
  }
}

function realOf(text: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function wellFormed(value: number | null, text: string, type: Type): number {
  if (value === null) throw new KqlError(`${text} is no ${type}`);
  return value;
}

function jsonOf(node: SyntaxNode): Value {
  switch (node.kind) {
    case 'NullLiteralExpression':
      return null;
    case 'JsonArrayExpression':
      return items(node, 'Values').map(jsonOf);
    case 'JsonObjectExpression':
      return Object.fromEntries(
        items(node, 'Pairs').map((pair) => [textOf(child(pair, 'Name')), jsonOf(child(pair, 'Value'))]),
      );
    case 'UnaryMinusExpression':
      return -Number(jsonOf(child(node, 'Expression')));
    case 'DateTimeLiteralExpression':
    case 'TimespanLiteralExpression':
      throw new KqlError('a time inside dynamic() is not known: write its text');
    default: {
      const type = TYPES[node.kind];
      if (type === undefined) throw new KqlError(`${node.kind} inside dynamic() is not known`);
      return literalValue(textOf(node), type);
    }
  }
}

export function isStar(node: SyntaxNode): boolean {
  return node.kind === 'StarExpression' || (node.kind === 'NameReference' && textOf(node) === '*');
}

/** The name in `name` or `['name']`, or the pattern in `name*`. */
export function patternOf(node: SyntaxNode): string {
  if (isStar(node)) return '*';
  const [name] = node.children;
  return name?.kind === 'WildcardedName' || name?.kind === 'BracketedWildcardedName' ? textOf(name) : nameOf(node);
}

/** Whether a name is one that `a*`, or `a` itself, stands for. */
export function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(name);
}
