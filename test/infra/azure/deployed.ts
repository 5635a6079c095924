import { join, resolve } from 'node:path';
import { type Deployed, deploy, readParameters } from './evaluate.ts';
import { type Rule, ruleOf } from './monitor.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

/** The subscription that Headroom is deployed into. */
export const OWN = '11111111-1111-1111-1111-111111111111';
/** The one that the parameter file watches. */
export const WATCHED = '00000000-0000-0000-0000-000000000000';

/** Those of `main.bicepparam`, with the token that stands in the environment. */
export async function mainParameters(): Promise<Record<string, unknown>> {
  const read = await readParameters(join(FOLDER, 'main.bicepparam'));
  return { ...read, alertToken: 'a-long-random-word-of-forty-characters-00' };
}

/** What `main.bicep` makes of the parameter file, some of it changed. */
export async function deployMain(changed: Record<string, unknown> = {}): Promise<Deployed[]> {
  return deploy(join(FOLDER, 'main.bicep'), { ...(await mainParameters()), ...changed }, OWN);
}

export function ruleNamed(name: string, from: readonly Deployed[]): Rule {
  const rule = metricRules(from).find((one) => one.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
}

export function metricRules(from: readonly Deployed[]): Rule[] {
  return from
    .filter(({ type }) => type.startsWith('Microsoft.Insights/metricAlerts@'))
    .map((one) => ruleOf(one, 'rg-headroom-alerts'));
}
