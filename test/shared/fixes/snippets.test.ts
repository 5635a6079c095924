import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proposeFixes } from '../../../shared/fixes/propose.ts';
import type { Cause, Fix, Resource } from '../../../shared/model.ts';
import { DIAGNOSES, FIXES } from '../../../shared/registry.ts';
import { VAULT } from '../evidence/kit.ts';

const run = promisify(execFile);

/** Strings as the clients write them, and the languages that code for them may be in. */
const CLIENTS = {
  net: ['azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)', 'csharp'],
  java: ['azsdk-java-azure-security-keyvault-secrets/4.9.1', 'java'],
  python: ['azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7', 'python'],
  javascript: ['azsdk-js-keyvault-secrets/4.11.2 Node/24.11.0', 'typescript'],
  go: ['azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)', 'go'],
  csi: ['csi-secrets-store/v1.6.2 (linux/amd64) 2b1f0c4/2025-02-11-19:40', null],
  operator: ['azsdk-go-azsecrets/v1.3.1 external-secrets/v0.14.2 (go1.23.6; linux)', null],
} as const;
/** What is no code of the caller's. */
const NEUTRAL = ['bash', 'bicep', 'yaml', 'text'];
const LINES_MAX = 26;

function causeOf(client: string | undefined, more: Partial<NonNullable<Cause['caller']>> = {}): Cause {
  const caller = { id: 'app-a', kind: 'application' as const, addresses: 3, ...(client !== undefined && { client }) };
  const open = { verdict: 'likely', role: 'trigger', confidence: 0.7, explains: 0 } as const;
  return { kind: 'any', ...open, caller: { ...caller, ...more }, victims: [], facts: [], summary: 's' };
}

function fixesFor(cause: Cause, resource: Resource = VAULT): Fix[] {
  return proposeFixes(cause, FIXES, { resource, whatIf: null });
}

describe.each(Object.entries(CLIENTS))('for a client of %s', (_name, [client, language]) => {
  test.each(fixesFor(causeOf(client)).map((fix) => [fix.id, fix] as const))(
    'what to paste for %s fits it, a message and a terminal',
    (_id, { snippet, title }) => {
      expect(title.length).toBeLessThanOrEqual(36);
      if (snippet === undefined) return;
      expect(snippet.text.trim()).toBe(snippet.text);
      expect(snippet.text.split('\n').length).toBeLessThanOrEqual(LINES_MAX);
      expect(Math.max(...snippet.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(180);
      expect(snippet.text).not.toMatch(/\bundefined\b(?! \})|NaN|Infinity|\[object|\t {2}/);
      expect([...NEUTRAL, language]).toContain(snippet.language);
    },
  );

  test('the cure of each cause comes with something to paste', () => {
    for (const { kind, cure } of DIAGNOSES) {
      const fix = fixesFor(causeOf(client)).find(({ id }) => id === cure);
      if (cure === null || language === null) continue;
      expect(fix?.snippet?.text.length ?? 0, `${kind}: ${cure}`).toBeGreaterThan(40);
    }
  });
});

test.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', {}],
  ['azure-resource-manager/2.0', {}],
  ['azsdk-net-Security.KeyVault.Keys/4.7.0 (.NET 8.0.11)', { appId: 'A232010E-820C-4083-83BB-3ACE5FC29D0B' }],
])('neither a person at the portal nor a service of Microsoft is told to change its code (%s)', (client, more) => {
  const offered = fixesFor(causeOf(client, more));
  expect(offered.map(({ id }) => id)).toEqual([
    'follow-event',
    'grant-or-rename',
    'alert-rule',
    'separate-vault',
    'limit-increase',
  ]);
  // To wait for the provider needs nothing pasted.
  const [wait, ...others] = offered;
  expect(wait?.snippet).toBeUndefined();
  for (const { snippet } of others) expect(NEUTRAL).toContain(snippet?.language);
});

test.each(['curl/8.5.0', '', undefined])(
  'a client that does not say what it is (%j) gets no code in a language',
  (client) => {
    for (const { snippet } of fixesFor(causeOf(client)))
      if (snippet !== undefined) expect(NEUTRAL).toContain(snippet.language);
  },
);

test('nothing that an alert or a log calls itself reaches what is pasted', () => {
  const hostile = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).map((text) => `"; $(${text}) \`x\` '`);
  void fc.assert(
    fc.property(hostile, fc.constantFrom(...Object.values(CLIENTS)), (name, [client]) => {
      const resource = { ...VAULT, name, id: `/subscriptions/${name}/x` };
      const caller = { id: name, objectId: name, appId: name, displayName: name };
      for (const { title, snippet } of fixesFor(causeOf(client, caller), resource)) {
        expect(title).not.toContain(name);
        expect(snippet?.text ?? '').not.toContain(name);
      }
    }),
    { numRuns: 30 },
  );
});

test('a vault and an identity that may stand in code do', () => {
  const objectId = '11111111-2222-3333-4444-555555555555';
  const [grant] = fixesFor(causeOf('curl/8', { objectId })).filter(({ id }) => id === 'grant-or-rename');
  expect(grant?.snippet?.text).toContain(`--assignee-object-id ${objectId} `);
  expect(grant?.snippet?.text).toContain('--vault-name "kv-contoso"');
});

/** Its package is none that this project installs. */
const UNINSTALLED = ['local-crypto'];

test('TypeScript to paste compiles against the packages that it names', async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const folder = await mkdtemp(join(tmpdir(), 'headroom-snippets-'));
  try {
    await mkdir(join(folder, 'src'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const options = {
      ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
      ...{ allowImportingTsExtensions: true, paths: { 'headroom/secrets': [join(root, 'shared/secrets/index.ts')] } },
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const fixes = fixesFor(causeOf(CLIENTS.javascript[0])).filter(
      ({ id, snippet }) => snippet?.language === 'typescript' && !UNINSTALLED.includes(id),
    );
    expect(fixes.length).toBeGreaterThan(7);
    for (const { id, snippet } of fixes)
      await writeFile(
        join(folder, 'src', `${id}.ts`),
        `${snippet?.text ?? ''}\n${snippet?.text.includes('await main()') ? 'declare function main(): Promise<void>;' : ''}\nexport {};\n`,
      );
    const told = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
    expect(told).toBe('');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
