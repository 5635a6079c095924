/**
 * The Bicep files compiled by Bicep itself, where this machine has it: npm brings wrappers that download it, and this stage
 * downloads nothing. Without it `infra/azure/check.ts` stands alone, which knows less of types and expressions.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-cli
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from './report.ts';

const TITLE = 'Bicep files compiled by Bicep';
const FOLDER = resolve(import.meta.dirname, '../../infra/azure');
const TIMEOUT_MS = 120_000;

/** By itself, or as the Azure CLI brings it. */
const COMPILERS: readonly (readonly [string, ...string[]])[] = [['bicep'], ['az', 'bicep']];

/** What is loaded by others is compiled with them. */
const TEMPLATES = ['main.bicep', 'management-group.bicep', 'application-vault.bicep'];

export const bicepStage = { title: TITLE, run };

async function run(report: Report): Promise<void> {
  const compiler = COMPILERS.find(([command, ...args]) => ask(command, [...args, versionOf(command)]).status === 0);
  if (compiler === undefined) {
    process.stdout.write(`skipped ${TITLE}: neither bicep nor az bicep is on this machine\n`);
    return;
  }
  for (const name of TEMPLATES)
    await report.check(`${name} compiles without error and without warning`, () => {
      const said = compile(compiler, join(FOLDER, name));
      if (said !== '') throw new Error(said);
    });
  await report.check('each module is part of a template', () => {
    const texts = globSync('**/*.bicep', { cwd: FOLDER }).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
    const modules = globSync('modules/*.bicep', { cwd: FOLDER }).map((file) => file.replace('modules/', ''));
    const alone = modules.filter((file) => !texts.some((text) => new RegExp(`'(?:modules/)?${file}'`).test(text)));
    if (alone.length > 0) throw new Error(`no template has ${alone.join(', ')}`);
  });
  await report.check('a mistake is found', () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-bicep-'));
    const seeded = join(folder, 'bot.bicep');
    const text = readFileSync(join(FOLDER, 'modules/bot.bicep'), 'utf8');
    writeFileSync(seeded, text.replace('displayName:', 'dispalyName:'));
    try {
      if (!compile(compiler, seeded).includes('dispalyName')) throw new Error('a misspelt property was not found');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** What it says of a file: errors and warnings, a line each; empty where there are none. */
function compile([command, ...args]: readonly [string, ...string[]], path: string): string {
  const file = command === 'az' ? ['--file', path] : [path];
  const { status, stderr } = ask(command, [...args, 'build', '--stdout', ...file]);
  const lines = stderr.split('\n').filter((line) => /\b(?:Error|Warning) [\w-]+:/.test(line));
  return lines.length === 0 && status !== 0 ? stderr.slice(-1_000) : lines.join('\n');
}

function versionOf(command: string): string {
  return command === 'az' ? 'version' : '--version';
}

function ask(command: string, args: readonly string[]): { status: number | null; stderr: string } {
  const options = { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 64 * 1_048_576 } as const;
  const { status, stderr } = spawnSync(command, args, options);
  return { status, stderr: stderr ?? '' };
}
