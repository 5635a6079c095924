/**
 * Checks the Bicep files as far as that goes without a compiler, which npm cannot bring: syntax, published types, names, what
 * modules are given, files that are loaded. `node infra/azure/check.ts` prints what is wrong. Where the machine has a compiler,
 * `npm run conformance` runs that too.
 */
import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BicepFile, lineOf, type Module, readBicep, walk } from './bicep.ts';
import { checkResource, type Problem } from './check-resource.ts';
import { PUBLISHED, type Schema } from './schema.ts';

/** Functions and decorators of Bicep that these files may call: one that is not here is misspelt, or worth a line. */
const FUNCTIONS = new Set(
  (
    'allowed description maxLength maxValue minLength minValue secure ' +
    'concat contains deployer empty environment filter guid items last length loadJsonContent managementGroup map ' +
    'readEnvironmentVariable replace resourceGroup split string subscription subscriptionResourceId take union uniqueString ' +
    'uriComponent'
  ).split(' '),
);

/** Every Bicep and parameter file of a folder, by its path. */
export async function readFolder(folder: string): Promise<Map<string, BicepFile>> {
  const files = new Map<string, BicepFile>();
  for (const path of globSync('**/*.{bicep,bicepparam}', { cwd: folder }).sort())
    files.set(resolve(folder, path), await readBicep(resolve(folder, path)));
  return files;
}

/** What is wrong, as `<file>:<line>: <problem>` with the file relative to the folder. */
export function checkFiles(
  files: ReadonlyMap<string, BicepFile>,
  folder: string,
  schema: Schema = PUBLISHED,
): string[] {
  return [...files.values()].flatMap((file) =>
    checkFile(file, files, schema)
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, problem }) => `${relative(folder, file.path)}:${line}: ${problem}`),
  );
}

function checkFile(file: BicepFile, files: ReadonlyMap<string, BicepFile>, schema: Schema): Problem[] {
  if (file.errors.length > 0)
    return file.errors.map(({ line, text }) => ({ line, problem: `cannot be parsed at ${text}` }));
  if (file.path.endsWith('.bicepparam')) return checkParameterFile(file, files);
  return [
    ...file.resources.flatMap((resource) => checkResource(resource, schema)),
    ...file.modules.flatMap((module) => checkModule(module, file, files)),
    ...checkNames(file),
    ...checkUnused(file),
    ...checkFunctions(file),
    ...file.loaded.flatMap(({ line, path }) =>
      existsSync(join(dirname(file.path), path)) ? [] : [{ line, problem: `loadJsonContent: ${path} is not there` }],
    ),
  ];
}

/** A parameter file gives what its template asks for and nothing else. */
function checkParameterFile(file: BicepFile, files: ReadonlyMap<string, BicepFile>): Problem[] {
  const template = files.get(file.path.replace(/\.bicepparam$/, '.bicep'));
  if (!template) return [{ line: 1, problem: 'has no template of its name' }];
  const given = file.variables.map(({ name }) => ({ name, line: 1 }));
  return checkGiven(given, template, 1);
}

function checkModule(module: Module, file: BicepFile, files: ReadonlyMap<string, BicepFile>): Problem[] {
  const target = files.get(join(dirname(file.path), module.path));
  if (!target) return [{ line: module.line, problem: `module ${module.path} is not there` }];
  const body = module.body.kind === 'loop' ? module.body.body : module.body;
  const params = body.kind === 'object' ? body.properties.find(({ name }) => name === 'params')?.value : undefined;
  const given =
    params?.kind === 'object' ? params.properties.map(({ name, value }) => ({ name, line: value.line })) : [];
  return [...checkGiven(given, target, module.line), ...checkOutputs(module, file, target)];
}

function checkGiven(given: readonly { name: string; line: number }[], target: BicepFile, line: number): Problem[] {
  const names = new Set(given.map(({ name }) => name));
  const missing = target.parameters.filter(({ name, optional }) => !optional && !names.has(name));
  const unknown = given.filter(({ name }) => !target.parameters.some((parameter) => parameter.name === name));
  return [
    ...missing.map(({ name }) => ({ line, problem: `the parameter ${name} is missing` })),
    ...unknown.map(({ name, line: at }) => ({ line: at, problem: `there is no parameter ${name}` })),
  ];
}

/** `storage.outputs.nmae`: the compiler would say so, and only a deployment does without one. */
function checkOutputs({ symbol }: Module, file: BicepFile, target: BicepFile): Problem[] {
  return [...walk(file.root)].flatMap((node) => {
    const [, used] = new RegExp(`^${symbol}!?\\.outputs\\.(\\w+)$`).exec(node.text) ?? [];
    if (node.type !== 'member_expression' || used === undefined || target.outputs.includes(used)) return [];
    return [{ line: lineOf(node), problem: `${symbol} has no output ${used}` }];
  });
}

function declaredIn(file: BicepFile): Set<string> {
  return new Set([
    ...file.parameters.map(({ name }) => name),
    ...file.variables.map(({ name }) => name),
    ...file.resources.map(({ symbol }) => symbol),
    ...file.modules.map(({ symbol }) => symbol),
  ]);
}

/** Every name that stands where a value is used, with the loops and functions around it. */
function usesIn(file: BicepFile): { name: string; line: number }[] {
  return [...walk(file.root)].flatMap((node) => {
    if (node.type !== 'identifier') return [];
    const parent = node.parent;
    if (
      !parent ||
      (/_declaration$|^type|^nullable_type|_type$|parameter|loop_/.test(parent.type) &&
        parent.namedChildren[0]?.id === node.id)
    )
      return [];
    if (parent.type === 'object_property' && parent.namedChildren[0]?.id === node.id) return [];
    if (parent.type === 'call_expression' && parent.childForFieldName('function')?.id === node.id) return [];
    return [{ name: node.text, line: lineOf(node) }];
  });
}

function checkNames(file: BicepFile): Problem[] {
  const known = declaredIn(file);
  const local = new Set(
    [...walk(file.root)].flatMap((node) => {
      if (node.type === 'for_statement' || node.type === 'lambda_expression') return namesIn(node.namedChildren[0]);
      return node.type.endsWith('_type') || node.type === 'type' ? [node.text] : [];
    }),
  );
  return usesIn(file)
    .filter(({ name }) => !known.has(name) && !local.has(name))
    .map(({ name, line }) => ({ line, problem: `${name} is declared nowhere` }));
}

function namesIn(node: BicepFile['root'] | null | undefined): string[] {
  return node ? [...walk(node)].filter(({ type }) => /^identifier$|^loop_/.test(type)).map(({ text }) => text) : [];
}

function checkFunctions(file: BicepFile): Problem[] {
  return [...walk(file.root)].flatMap((node) => {
    const name = node.type === 'call_expression' ? node.childForFieldName('function')?.text : undefined;
    if (name === undefined || FUNCTIONS.has(name)) return [];
    return [{ line: lineOf(node), problem: `there is no function ${name}` }];
  });
}

function checkUnused(file: BicepFile): Problem[] {
  const used = new Set(usesIn(file).map(({ name }) => name));
  return [...file.parameters, ...file.variables]
    .filter(({ name }) => !used.has(name))
    .map(({ name }) => ({ line: 1, problem: `${name} is used nowhere` }));
}

if (import.meta.main) {
  const files = await readFolder(import.meta.dirname);
  const problems = checkFiles(files, import.meta.dirname);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  const resources = [...files.values()].reduce((sum, file) => sum + file.resources.length, 0);
  process.stdout.write(`${files.size} files, ${resources} resources: ${problems.length} problems\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
