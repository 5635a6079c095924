import { argumentsOf } from './lambda.ts';
import { child, find, items, nameOf, type SyntaxNode, textOf } from './syntax.ts';

/** Functions whose result is called as their argument. */
const KEEP_NAME = new Set([
  'bin',
  'floor',
  'ceiling',
  'round',
  'abs',
  'sqrt',
  'todouble',
  'toreal',
  'tolong',
  'toint',
  'tostring',
  'todatetime',
  'totimespan',
  'todynamic',
  'parse_json',
]);

/** How an aggregate calls its result: a word before the name of its argument. */
const PREFIXES: Readonly<Record<string, string>> = {
  make_list: 'list',
  make_list_if: 'list',
  make_set: 'set',
  make_set_if: 'set',
  make_bag: 'bag',
  take_any: '',
};

/** The name that an expression gives by itself: of a column or of what is read from one; empty for others. */
export function ownName(node: SyntaxNode): string {
  switch (node.kind) {
    case 'NameReference':
      return nameOf(node);
    case 'SimpleNamedExpression':
      return nameOf(child(node, 'Name'));
    case 'PathExpression':
      return joined(ownName(child(node, 'Expression')), nameOf(child(node, 'Selector')));
    case 'ElementExpression':
      return joined(ownName(child(node, 'Expression')), textOf(child(child(node, 'Selector'), 'Expression')));
    case 'FunctionCallExpression': {
      const [first] = argumentsOf(node);
      return first !== undefined && KEEP_NAME.has(nameOf(child(node, 'Name'))) ? ownName(first) : '';
    }
    default:
      return '';
  }
}

function joined(of: string, key: string): string {
  return of === '' ? key : `${of}_${key}`;
}

/** `sum_x`, `count_`, `percentile_x_50` */
export function aggregateName(node: SyntaxNode): string {
  if (node.kind !== 'FunctionCallExpression') return ownName(node);
  const name = nameOf(child(node, 'Name'));
  const [first, second] = argumentsOf(node);
  const of = first === undefined || name.startsWith('countif') ? '' : ownName(first);
  const prefix = PREFIXES[name] ?? name;
  const rank = name === 'percentile' && second !== undefined ? `_${textOf(second).replace('.', '_')}` : '';
  return prefix === '' ? of : `${prefix}_${of}${rank}`;
}

/** Names given in front of an expression: `a = …` or `(a, b) = …`; none where there are none. */
export function namesGiven(node: SyntaxNode): readonly string[] {
  if (node.kind === 'SimpleNamedExpression') return [nameOf(child(node, 'Name'))];
  const names = find(node, 'Names');
  return names === undefined ? [] : items(names, 'Names').map(nameOf);
}

/** Gives out names that are not taken: a number follows one that is, `Column1` stands for none. */
export function createNames(taken: Iterable<string> = []): (wanted: string) => string {
  const used = new Set(taken);
  let unnamed = 0;
  return (wanted) => {
    let name = wanted;
    if (name === '') {
      do name = `Column${++unnamed}`;
      while (used.has(name));
    } else for (let number = 1; used.has(name); number++) name = `${wanted}${number}`;
    used.add(name);
    return name;
  };
}
