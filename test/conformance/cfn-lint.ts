/**
 * The templates that the CDK writes, with nothing on that an installation can choose and with everything, read by cfn-lint:
 * it knows the published schema of each resource.
 *
 * @see https://github.com/aws-cloudformation/cfn-lint
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { createApp } from '../../infra/aws/app.ts';
import { EVERYTHING, emptyBundles } from '../infra/aws/synthesized.ts';
import { findPython } from './python.ts';
import type { Report } from './report.ts';

const VERSION = '1.51.0';
const TITLE = 'CloudFormation templates read by cfn-lint';
const TIMEOUT_MS = 120_000;

/** It is no module that can be run, and its script names the folder that it was installed in. */
const START = 'from cfnlint.runner import main; main()';
const STACKS = ['Headroom', 'HeadroomWatchedAccount'];

/** Another region has other resources and quotas; these two are those of the deploy guide. */
const REGIONS = ['eu-west-1', 'eu-central-1'];

/** What is not a mistake, and why. Everything else is one, warnings too. */
const ACKNOWLEDGED: Readonly<Record<string, string>> = {
  W3005: 'the CDK says of a function that it depends on its role and policy, though a GetAtt says the one already',
};

const FINDINGS = z.array(
  z.object({
    Filename: z.string(),
    Level: z.string(),
    Message: z.string(),
    Location: z.object({ Path: z.nullish(z.array(z.union([z.string(), z.number()]))) }),
    Rule: z.object({ Id: z.string() }),
  }),
);
type Finding = z.infer<typeof FINDINGS>[number];

export const cfnLintStage = { title: TITLE, run };

async function run(report: Report): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const found = findPython({ name: 'cfn-lint', version: VERSION, packages: [`cfn-lint==${VERSION}`] }, print);
  if (found.kind === 'missing') {
    print(`skipped ${TITLE}: ${found.why}`);
    return;
  }
  const { python } = found;
  const folder = mkdtempSync(join(tmpdir(), 'headroom-templates-'));
  try {
    for (const [what, headroom] of [
      ['with nothing chosen', {}],
      ['with everything chosen', EVERYTHING],
    ] as const)
      await report.check(`the templates ${what} have no error and no warning that is not acknowledged`, () => {
        const findings = lint(python, synthesizeInto(join(folder, what.replaceAll(' ', '-')), headroom));
        const rest = findings.filter(({ Rule }) => ACKNOWLEDGED[Rule.Id] === undefined);
        if (rest.length > 0) throw new Error(rest.map(lineOf).join('\n'));
        if (what === 'with everything chosen') assertUsed(findings);
      });
    await report.check('a mistake in a template is found', () => {
      const template = join(folder, 'with-everything-chosen', 'Headroom.template.json');
      const seeded = join(folder, 'seeded.json');
      writeFileSync(
        seeded,
        readFileSync(template, 'utf8').replace('"arm64"', '"arm65"').replace('"Runtime"', '"Runtme"'),
      );
      const rules = new Set(lint(python, [seeded]).map(({ Rule }) => Rule.Id));
      for (const rule of ['E3030', 'E3002'])
        if (!rules.has(rule)) throw new Error(`${rule} was not found, only ${[...rules].join(' ')}`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns paths of the templates */
function synthesizeInto(outFolder: string, headroom: unknown): string[] {
  const { folder: bundles, remove } = emptyBundles();
  try {
    createApp({ bundles, outFolder, context: { headroom } }).synth();
  } finally {
    remove();
  }
  return STACKS.map((stack) => join(outFolder, `${stack}.template.json`));
}

/** Its exit code tells which levels it met, so that only its output says whether it ran. */
function lint(python: string, templates: readonly string[]): Finding[] {
  const args = ['-c', START, '--format', 'json', '--regions', ...REGIONS, '--', ...templates];
  const { stdout, stderr, error } = spawnSync(python, args, { encoding: 'utf8', timeout: TIMEOUT_MS, cwd: tmpdir() });
  if (error) throw error;
  if (stdout.trim() === '') throw new Error(`cfn-lint said nothing: ${stderr.slice(-500)}`);
  return FINDINGS.parse(JSON.parse(stdout));
}

/** What is acknowledged and no longer found is to go from the list. */
function assertUsed(findings: readonly Finding[]): void {
  const unused = Object.keys(ACKNOWLEDGED).filter((id) => !findings.some(({ Rule }) => Rule.Id === id));
  if (unused.length > 0) throw new Error(`nothing is found that ${unused.join(', ')} would acknowledge`);
}

function lineOf({ Rule, Level, Message, Location }: Finding): string {
  return `${Level} ${Rule.Id} at ${(Location.Path ?? []).join('/')}: ${Message}`;
}
