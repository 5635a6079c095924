import { KqlError } from './error.ts';

/** One element of the language service's tree: what it is, the part it plays in its parent, and what it is made of. */
export type SyntaxNode = {
  kind: string;
  role: string;
  /** Of a token: as it is written; of a text or a name without quotes and escapes. Else empty. */
  text: string;
  children: readonly SyntaxNode[];
};

export function find(node: SyntaxNode, role: string): SyntaxNode | undefined {
  return node.children.find((child) => child.role === role);
}

export function child(node: SyntaxNode, role: string): SyntaxNode {
  const found = find(node, role);
  if (found === undefined) throw new KqlError(`${node.kind} without ${role}`);
  return found;
}

/** Elements of a list between separators. */
export function items(node: SyntaxNode | undefined, role: string): readonly SyntaxNode[] {
  const list = node && find(node, role);
  return (list?.children ?? []).map((each) =>
    each.kind === 'SeparatedElement' && each.children[0] !== undefined ? each.children[0] : each,
  );
}

/** The name that a declaration or reference gives, without brackets and quotes. */
export function nameOf(node: SyntaxNode): string {
  if (node.children.length === 0) return node.text;
  if (node.kind === 'StringLiteralExpression') return textOf(node);
  const [first] = node.children.filter(({ role }) => role === 'Name');
  if (first === undefined) throw new KqlError(`${node.kind} is no name`);
  return nameOf(first);
}

/** `name = value` parameters of an operator, such as `kind=inner`. */
export function parametersOf(node: SyntaxNode): ReadonlyMap<string, string> {
  return new Map(
    items(node, 'Parameters').map((parameter) => [
      nameOf(child(parameter, 'Name')),
      textOf(child(parameter, 'Expression')),
    ]),
  );
}

/** Refuses a parameter that this interpreter does not heed; hints say how to run, not what comes out. */
export function refuseParameters(node: SyntaxNode, except: readonly string[] = []): void {
  for (const [name, value] of parametersOf(node))
    if (!name.startsWith('hint.') && !except.includes(name))
      throw new KqlError(`${node.kind} with ${name}=${value} is not known to this interpreter`);
}

/** The tokens of a node, one after the other. */
export function textOf(node: SyntaxNode): string {
  return node.children.length === 0 ? node.text : node.children.map(textOf).join('');
}
