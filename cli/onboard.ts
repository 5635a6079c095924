import { readLocalConfig } from '../local/config.ts';
import { readEstate } from '../local/estate.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { parseScope } from '../shared/config/scope.ts';
import { type Onboarding, planOnboarding } from '../shared/pipeline/onboard.ts';
import { privateNeeds } from '../shared/pipeline/onboard-private.ts';
import { renderOnboardingMarkdown, renderOnboardingText } from '../shared/pipeline/onboard-text.ts';
import { readArgs, readFormat } from './args.ts';
import { type CliCommand, UsageError } from './command.ts';
import { json } from './render.ts';

/** Where the output is no terminal. */
const DEFAULT_COLUMNS = 160;
const MANAGEMENT_GROUP = /^[\w().-]{1,90}$/;

export const onboard: CliCommand = {
  name: 'onboard',
  usage:
    'onboard --dry-run [--subscription ID]… [--management-group ID] [--reader OBJECT-ID] [--private] [--format FORMAT]',
  summary: 'list the vaults of an estate, and what a deployment would add to them',
  help: `Lists each Key Vault and App Configuration store of the scopes in headroom.json, Azure's alone (on AWS the CDK app takes no
estate: doctor --deployment looks at alarms and their actions): its diagnostic settings, their table and
plan, the alert rules that cover it, the roles that the reader lacks, and what a deployment would add, with its cost a month.
Reads as you, who are signed in (az login), and never writes. Needs Reader on the subscriptions. HEADROOM_CLOUD names the cloud.

  --dry-run              required: a deployment is what writes (docs/deploy-azure.md)
  --subscription ID      in place of the scopes of the settings; several times for several
  --management-group ID  all subscriptions below it
  --reader OBJECT-ID     the identity whose roles are looked at; id-<name>-reader where there is one
  --private              also what private mode needs
  --format FORMAT        text, json or markdown (text); --json is --format json

example: headroom onboard --dry-run --subscription 00000000-0000-0000-0000-000000000000`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, {
      'dry-run': { type: 'boolean' },
      subscription: { type: 'string', multiple: true },
      'management-group': { type: 'string' },
      reader: { type: 'string' },
      private: { type: 'boolean' },
      json: { type: 'boolean' },
      format: { type: 'string' },
    });
    if (positionals.length > 0) throw new UsageError('onboard takes no words');
    if (!values['dry-run']) throw new UsageError('onboard only looks: say --dry-run; docs/deploy-azure.md deploys');
    const format = readFormat(values.format, values.json);
    if (format === 'slack' || format === 'teams') throw new UsageError('--format is one of text, json, markdown');
    const managementGroup = values['management-group'];
    if (managementGroup !== undefined && !MANAGEMENT_GROUP.test(managementGroup))
      throw new UsageError('--management-group is the id of a management group');
    if (values.reader !== undefined && !/^[0-9a-f-]{36}$/i.test(values.reader))
      throw new UsageError('--reader is the object id of an identity');
    const config = readLocalConfig(io.environment);
    const scopes = values.subscription?.map(subscriptionScope) ?? azureScopes(config.settings.scopes);
    if (scopes.length === 0 && managementGroup === undefined)
      throw new UsageError('name subscriptions: scopes in headroom.json, --subscription or --management-group');
    io.err('reading the estate…\n');
    const estate = await readEstate(config, io.environment, {
      scopes: managementGroup === undefined || values.subscription !== undefined ? scopes : [],
      managementGroup,
      reader: values.reader?.toLowerCase(),
    });
    const plan = planOnboarding(estate, { actionGroups: config.settings.ours?.actionGroups ?? [] });
    const needs = values.private ? privateNeeds(plan.rows, new URL(AZURE_CLOUDS[config.cloud].arm.url).host) : [];
    io.out(render({ ...plan, private: needs }, format, io.columns ?? DEFAULT_COLUMNS));
    return 0;
  },
};

function render(plan: Onboarding, format: 'text' | 'json' | 'markdown', columns: number): string {
  if (format === 'json') return json([{ schema: 'headroom.onboarding/1', ...plan }]);
  return format === 'markdown' ? renderOnboardingMarkdown(plan) : renderOnboardingText(plan, columns);
}

function subscriptionScope(id: string): string {
  const scope = parseScope(id);
  if (scope?.startsWith('/')) return scope;
  throw new UsageError('--subscription is a GUID or an ARM id');
}

function azureScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.startsWith('/'));
}
