import { type Binding, type Environment, withNames } from './environment.ts';
import { KqlError } from './error.ts';
import { cast, type Expression } from './expression.ts';
import { child, find, items, nameOf, type SyntaxNode, textOf } from './syntax.ts';
import { typeNamed } from './values.ts';

export type FunctionBinding = Extract<Binding, { kind: 'function' }>;

export function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return items(child(call, 'ArgumentList'), 'Expressions');
}

/** Parameters of a function with the argument, or default, that each takes. */
export function parametersWith(
  { declaration }: FunctionBinding,
  args: readonly SyntaxNode[],
): readonly { name: string; type: SyntaxNode; argument: SyntaxNode; given: boolean }[] {
  return items(child(declaration, 'Parameters'), 'Parameters').map((parameter, index) => {
    const declared = child(parameter, 'NameAndType');
    const given = args[index];
    const byDefault = find(parameter, 'DefaultValue');
    const argument = given ?? (byDefault && child(byDefault, 'Value'));
    const name = nameOf(child(declared, 'Name'));
    if (argument === undefined) throw new KqlError(`the parameter ${name} is not given`);
    return { name, type: child(declared, 'Type'), argument, given: given !== undefined };
  });
}

/** The names inside a function of scalars: its parameters stand for the expressions of the caller. */
export function bindScalars(
  bound: FunctionBinding,
  args: readonly SyntaxNode[],
  compile: (argument: SyntaxNode) => Expression,
): Environment {
  if (items(child(bound.declaration, 'Body'), 'Statements').length > 0)
    throw new KqlError('let inside a function of scalars is not known to this interpreter');
  return withNames(
    bound.environment,
    new Map(
      parametersWith(bound, args).map(({ name, type, argument }) => [
        name,
        { kind: 'scalar', expression: cast(compile(argument), typeNamed(textOf(type))) },
      ]),
    ),
  );
}
