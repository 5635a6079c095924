import { countWords } from '../chat/words.ts';
import type { AuditSetting, Estate, EstateResource, EstateRule } from '../model/estate.ts';
import { type MonthlyCost, monthlyCost } from './onboard-cost.ts';
import { coveredBy } from './onboard-coverage.ts';
import { quoted } from './onboard-quote.ts';

type KeptAudit = AuditSetting & { plan: string | null };

/** What stands of one resource, and what a deployment would do about it. */
export type OnboardRow = {
  id: string;
  name: string;
  kind: EstateResource['kind'];
  subscription: string;
  region: string;
  requestsPerMonth: number | null;
  audit:
    | { state: 'kept'; settings: KeptAudit[] }
    | { state: 'added' }
    /** By no policy: whoever wants it runs a command. */
    | { state: 'missing' }
    | { state: 'left'; why: string }
    | { state: 'unread' };
  rules: 'covered' | 'added' | 'opted-out';
  cost: MonthlyCost;
};

export type Onboarding = {
  rows: OnboardRow[];
  /** What a deployment makes, what it leaves, and what only people can do. */
  adds: string[];
  leaves: string[];
  yours: string[];
  private: string[];
  unread: Estate['unread'];
  cost: MonthlyCost;
  truncated: boolean;
};

export type OnboardChoices = {
  /** Ids of the action groups that call Headroom, lower-cased. */
  actionGroups: readonly string[];
};

const SUBSCRIPTIONS_NAMED = 3;

/** Says for each resource of an estate what a deployment would add and what it would leave; changes nothing. */
export function planOnboarding(estate: Estate, choices: OnboardChoices): Omit<Onboarding, 'private'> {
  const rows = estate.resources.map((resource) => rowOf(resource, estate, choices));
  return {
    rows,
    adds: [...auditAdds(rows), ...ruleAdds(rows), ...roleAdds(estate)],
    leaves: leavesOf(rows),
    yours: yoursOf(rows),
    unread: estate.unread,
    cost: sumOf(rows),
    truncated: estate.truncated,
  };
}

function rowOf(resource: EstateResource, estate: Estate, { actionGroups }: OnboardChoices): OnboardRow {
  const { id, name, kind, subscription, region, requestsPerMonth } = resource;
  const audit = auditOf(resource, estate);
  const isCovered = estate.rules.some((rule: EstateRule) => coveredBy(rule, resource, actionGroups));
  const rules = resource.optedOut ? 'opted-out' : isCovered ? 'covered' : 'added';
  const kept = audit.state === 'kept' ? audit.settings.map(({ plan }) => plan) : [];
  const adds = { logs: audit.state === 'added', rules: !isCovered };
  return {
    ...{ id, name, kind, subscription, region, requestsPerMonth, audit, rules },
    cost: monthlyCost({ kind, requestsPerMonth }, kept, adds),
  };
}

function auditOf(resource: EstateResource, estate: Estate): OnboardRow['audit'] {
  if (resource.audit === null) return { state: 'unread' };
  const settings = resource.audit.flatMap((setting): KeptAudit[] => {
    if (setting.workspaceId === null) return [];
    const { workspaceId, table } = setting;
    const known = estate.tables.find((one) => one.workspaceId === workspaceId && one.table === table);
    return [{ ...setting, plan: known?.plan ?? null }];
  });
  if (settings.length > 0) return { state: 'kept', settings };
  if (resource.kind === 'store') return { state: 'missing' };
  return resource.optedOut ? { state: 'left', why: 'headroom=off' } : { state: 'added' };
}

function auditAdds(rows: readonly OnboardRow[]): string[] {
  return bySubscription(rows.filter(({ audit }) => audit.state === 'added')).map(
    ([subscription, added]) =>
      `policy assignment headroom-vault-audit on ${subscription}: diagnostic setting headroom-audit on ${countWords(added.length, 'vault')} ` +
      'that no workspace gets the log of',
  );
}

function ruleAdds(rows: readonly OnboardRow[]): string[] {
  const added = rows.filter(({ rules }) => rules === 'added');
  const vaults = bySubscription(added.filter(({ kind }) => kind === 'vault')).flatMap(([subscription, own]) =>
    [...new Set(own.map(({ region }) => region))]
      .sort()
      .map(
        (region) =>
          `alert rules headroom-kv-${region}-* on ${subscription}: ${countWords(own.filter((one) => one.region === region).length, 'vault')}`,
      ),
  );
  const stores = added
    .filter(({ kind }) => kind === 'store')
    .map(({ name }) => `alert rule headroom-appcs-${name}-throttled (appConfigurationStoreIds)`);
  return [...vaults, ...stores];
}

function roleAdds({ reader, roles, subscriptions }: Estate): string[] {
  if (reader === null) return [`the reader, and its roles on ${shortList(subscriptions)}`];
  return roles.flatMap(({ subscription, missing }) =>
    missing === null || missing.length === 0 ? [] : [`the reader's role on ${subscription}: ${missing.join(', ')}`],
  );
}

function leavesOf(rows: readonly OnboardRow[]): string[] {
  const kept = rows.filter(({ audit }) => audit.state === 'kept').length;
  const offs = rows.filter(({ rules }) => rules === 'opted-out').length;
  const covered = rows.filter(({ rules }) => rules === 'covered').length;
  const left: [number, string][] = [
    [
      kept,
      'with the diagnostic settings that are there: a second one for the same category and workspace fails with 409, another workspace doubles the bill',
    ],
    [covered, 'under the alert rules that cover it'],
    [offs, 'silent by the tag headroom=off: the rules count it, a processing rule keeps them quiet'],
  ];
  return left.flatMap(([count, what]) => (count === 0 ? [] : [`${countWords(count, 'resource')} ${what}`]));
}

/** What no deployment does: App Configuration without a log, logs kept twice, tables that cannot be joined. */
function yoursOf(rows: readonly OnboardRow[]): string[] {
  const missing = rows.flatMap(({ audit, id, name }) =>
    audit.state === 'missing'
      ? [
          `${name} has no log in a workspace, and no policy adds one: az monitor diagnostic-settings create --name headroom-audit --resource ${quoted(id)} ` +
            `--export-to-resource-specific true --logs '[{"category":"HttpRequest","enabled":true}]' --workspace "$WORKSPACE_ID"`,
        ]
      : [],
  );
  const twice = rows.flatMap(({ audit, id, name }) =>
    audit.state === 'kept' && audit.settings.length > 1
      ? [
          `${name} is logged ${audit.settings.length} times, and paid as often: az monitor diagnostic-settings delete ` +
            `--name ${quoted(audit.settings[1]?.name ?? '')} --resource ${quoted(id)}`,
        ]
      : [],
  );
  const basic = new Set(
    rows.flatMap(({ audit }) =>
      audit.state === 'kept'
        ? audit.settings.flatMap(({ plan, table, workspaceId }) =>
            plan === null || plan === 'Analytics' ? [] : [`${table} of ${workspaceId} has the plan ${plan}`],
          )
        : [],
    ),
  );
  return [...missing, ...twice, ...[...basic].map((what) => `${what}: fewer questions can be asked of it`)];
}

function bySubscription(rows: readonly OnboardRow[]): [string, OnboardRow[]][] {
  return [...Map.groupBy(rows, ({ subscription }) => subscription)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sumOf(rows: readonly OnboardRow[]): MonthlyCost {
  const sum = (amount: (cost: MonthlyCost) => number) => rows.reduce((all, { cost }) => all + amount(cost), 0);
  return {
    nowLogUsd: sum(({ nowLogUsd }) => nowLogUsd),
    addedLogGb: sum(({ addedLogGb }) => addedLogGb),
    addedLogUsd: sum(({ addedLogUsd }) => addedLogUsd),
    addedRulesUsd: sum(({ addedRulesUsd }) => addedRulesUsd),
  };
}

function shortList(ids: readonly string[]): string {
  const more = ids.length - SUBSCRIPTIONS_NAMED;
  return `${ids.slice(0, SUBSCRIPTIONS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
