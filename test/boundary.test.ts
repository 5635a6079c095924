import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * The one table of who may import whom. A room imports only rooms named in its row (and itself).
 * A row is the whole permission: what is not listed is refused.
 */
const CORE = ['model', 'errors', 'ports', 'limits', 'config'] as const;
const RULES = [
  ...CORE,
  'sources',
  'incidents',
  'evidence',
  'diagnoses',
  'fixes',
  'actions',
  'capacity',
  'charts',
  'chat',
];

function leftOf(room: string): string[] {
  return RULES.slice(0, RULES.indexOf(room));
}

const PIPELINE = [...RULES, 'registry', 'pacing'];
const EDGE = [...PIPELINE, 'pipeline', 'commands', 'doctor', 'routes', 'adapters', 'secrets', 'sts'];

const MAY_IMPORT: Record<string, readonly string[]> = {
  model: [],
  errors: [],
  ports: ['model', 'errors'],
  limits: ['model', 'errors'],
  config: ['model', 'errors', 'limits'],
  pacing: [],
  secrets: ['pacing'],
  sts: ['pacing'],
  ...Object.fromEntries(RULES.slice(CORE.length).map((room) => [room, leftOf(room)])),
  registry: RULES,
  pipeline: PIPELINE,
  commands: [...PIPELINE, 'pipeline'],
  doctor: [...PIPELINE, 'pipeline'],
  routes: [...PIPELINE, 'pipeline', 'commands', 'doctor'],
  adapters: ['model', 'errors', 'ports', 'pacing', 'secrets', 'sts'],
  entries: EDGE,
  functions: [...EDGE, 'entries'],
  lambdas: [...EDGE, 'entries'],
  local: [...EDGE, 'lambdas', 'simulation'],
  cli: [...EDGE, 'local', 'simulation'],
  simulation: [],
  console: RULES,
  infra: [...EDGE, 'functions', 'lambdas'],
};

/** Rooms whose listed files must not import each other: what two share is an unlisted file beside them. */
const LISTED_ROOMS = ['sources', 'evidence', 'diagnoses', 'fixes', 'actions', 'commands'];

const PURE = [...RULES, 'registry', 'pacing'];
const PURE_NODE_CRYPTO = new Set(['createHash', 'createHmac', 'verify', 'timingSafeEqual']);
const IMPURE_GLOBALS =
  /(?<![.\w$'"`/-])(?:Date\.now\(|new Date\(\)|Math\.random\(|process\.|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\(|console\.|fetch\(|performance\.|globalThis|crypto\.|navigator\.)/;

const ROOT = resolve(import.meta.dirname, '..');

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.(ts|mts|mjs)$/.test(name) ? [path] : [];
  });
}

function existing(folders: string[]): string[] {
  return folders.filter((folder) => {
    try {
      return statSync(join(ROOT, folder)).isDirectory();
    } catch {
      return false;
    }
  });
}

/** The room a file belongs to: the folder or file name right under `shared/`, else the top folder. */
function roomOf(path: string): string {
  const parts = relative(ROOT, path).split(sep);
  if (parts[0] === 'shared') return (parts[1] ?? '').replace(/\.ts$/, '');
  return parts[0] ?? '';
}

type Import = { specifier: string; names: string };

function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const match of code.matchAll(/(?:^|\n)\s*(?:import|export)\s+([^'"]*?)\s*from\s*['"]([^'"]+)['"]/g)) {
    found.push({ names: match[1] ?? '', specifier: match[2] ?? '' });
  }
  for (const match of code.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g)) {
    found.push({ names: '', specifier: match[1] ?? '' });
  }
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ names: '', specifier: match[1] ?? '' });
  }
  return found;
}

function violations(path: string, text: string): string[] {
  const room = roomOf(path);
  const name = relative(ROOT, path);
  const allowed = MAY_IMPORT[room];
  if (!allowed) return [`${name}: room '${room}' has no row in the boundary table`];
  const problems: string[] = [];
  for (const { specifier, names } of importsOf(text)) {
    if (specifier.startsWith('.')) {
      const target = resolve(dirname(path), specifier);
      const other = roomOf(target);
      if (relative(ROOT, target).split(sep)[0] === 'test') problems.push(`${name}: imports test code ${specifier}`);
      else if (other !== room && !allowed.includes(other))
        problems.push(`${name}: '${room}' may not import '${other}' (${specifier})`);
    } else if (PURE.includes(room)) {
      if (specifier === 'node:crypto') {
        const used = names
          .replace(/[{}]/g, '')
          .split(',')
          .map((n) => n.trim().split(' as ')[0]?.trim() ?? '');
        const bad = used.filter((n) => n !== '' && !PURE_NODE_CRYPTO.has(n) && !n.startsWith('type '));
        if (bad.length > 0) problems.push(`${name}: pure room uses node:crypto ${bad.join(', ')}`);
      } else if (specifier.startsWith('node:')) problems.push(`${name}: pure room imports ${specifier}`);
    }
  }
  if (PURE.includes(room)) {
    for (const [index, line] of codeLines(text).entries())
      if (IMPURE_GLOBALS.test(line))
        problems.push(`${name}:${index + 1}: pure room touches the outside: ${line.trim()}`);
  }
  return problems;
}

/** The code of each line: without comments, and without the text of strings, which may show other people's code. */
function codeLines(text: string): string[] {
  const keepLines = (match: string): string => match.replace(/[^\n]/g, ' ');
  return text
    .replace(/\/\*[\s\S]*?\*\//g, keepLines)
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/`(?:\\.|\$\{(?:[^`{}]|\{[^{}]*\})*\}|[^`\\])*`/g, (literal) =>
      literal.replace(
        /\$\{((?:[^`{}]|\{[^{}]*\})*)\}|[^\n]/g,
        (_all, expression: string | undefined) => expression ?? ' ',
      ),
    )
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''")
    .split('\n');
}

/** Files that the registry lists, by room. */
function listedFiles(): Map<string, Set<string>> {
  const listed = new Map<string, Set<string>>();
  const registry = join(ROOT, 'shared/registry.ts');
  let text = '';
  try {
    text = readFileSync(registry, 'utf8');
  } catch {
    return listed;
  }
  for (const { specifier, names } of importsOf(text)) {
    // A type that the lists are made of is no entry of a list.
    if (!specifier.startsWith('.') || names.startsWith('type ')) continue;
    const path = resolve(dirname(registry), specifier);
    const room = roomOf(path);
    listed.set(room, (listed.get(room) ?? new Set()).add(path));
  }
  return listed;
}

const FOLDERS = ['shared', 'functions', 'lambdas', 'local', 'cli', 'console', 'simulation', 'infra'];

describe('the import order of the house', () => {
  const files = existing(FOLDERS).flatMap((folder) => sourceFiles(join(ROOT, folder)));

  test('every import obeys the table, and pure rooms touch nothing outside', () => {
    expect(files.length).toBeGreaterThan(2);
    expect(files.flatMap((path) => violations(path, readFileSync(path, 'utf8')))).toEqual([]);
  });

  test('a file listed in the registry imports no other listed file of its folder', () => {
    const listed = listedFiles();
    const problems = files.flatMap((path) => {
      const room = roomOf(path);
      const peers = listed.get(room);
      if (!LISTED_ROOMS.includes(room) || !peers?.has(path)) return [];
      return importsOf(readFileSync(path, 'utf8'))
        .filter(({ specifier }) => specifier.startsWith('.') && peers.has(resolve(dirname(path), specifier)))
        .map(({ specifier }) => `${relative(ROOT, path)} imports its listed neighbour ${specifier}`);
    });
    expect(problems).toEqual([]);
  });
});

describe('the boundary test itself', () => {
  test.each([
    ['an import to the right', 'shared/sources/x.ts', "import { a } from '../chat/message.ts';"],
    ['an import of the simulation', 'shared/pipeline/x.ts', "import { a } from '../../simulation/x.ts';"],
    ['a dynamic import to the right', 'shared/sources/x.ts', "const a = await import('../pipeline/work.ts');"],
    ['a type import to the right', 'shared/incidents/x.ts', "import type { A } from '../chat/message.ts';"],
    ['a clock in a pure room', 'shared/incidents/x.ts', 'const t = Date.now();'],
    ['an argument-less date in a pure room', 'shared/incidents/x.ts', 'const t = new Date();'],
    ['randomness in a pure room', 'shared/pacing/x.ts', 'const r = Math.random();'],
    ['the environment in a pure room', 'shared/config/x.ts', "const e = process.env['A'];"],
    ['a file system in a pure room', 'shared/evidence/x.ts', "import { readFileSync } from 'node:fs';"],
    ['a clock inside a template', 'shared/incidents/x.ts', `const t = \`at \${Date.now()} ms\`;`],
    ['randomness from node:crypto', 'shared/sources/x.ts', "import { createHash, randomBytes } from 'node:crypto';"],
    ['an adapter that knows the rules', 'shared/adapters/x.ts', "import { a } from '../evidence/timeline.ts';"],
    ['test code', 'shared/pipeline/x.ts', "import { kit } from '../../test/kit.ts';"],
    ['a room without a row', 'shared/attic/x.ts', ''],
  ])('refuses %s', (_what, path, text) => {
    expect(violations(join(ROOT, path), text)).toHaveLength(1);
  });

  test.each([
    ['an import to the left', 'shared/chat/message.ts', "import type { A } from '../model.ts';"],
    ['hashing in a pure room', 'shared/sources/x.ts', "import { createHash } from 'node:crypto';"],
    ['a date of a given time', 'shared/sources/x.ts', 'const t = new Date(ms).toISOString();'],
    ['code in a snippet', 'shared/fixes/x.ts', `const snippet = \`await sleep(Math.random() * \${seconds});\`;`],
    ['code in a string', 'shared/fixes/x.ts', "const snippet = 'process.env.A';"],
    ['a word in a comment', 'shared/sources/x.ts', '// Date.now() is read by the caller'],
  ])('allows %s', (_what, path, text) => {
    expect(violations(join(ROOT, path), text)).toEqual([]);
  });
});
