import * as z from 'zod/mini';
import { isHeadroomError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { ArmClient } from './arm.ts';

/** Kinds of rule, lower-cased, and the version of the interface that each is read with. */
const VERSIONS: Readonly<Record<string, string>> = {
  'microsoft.insights/metricalerts': '2018-03-01',
  'microsoft.insights/scheduledqueryrules': '2021-08-01',
  'microsoft.insights/activitylogalerts': '2020-10-01',
  'microsoft.alertsmanagement/smartdetectoralertrules': '2021-04-01',
  'microsoft.alertsmanagement/prometheusrulegroups': '2023-03-01',
};

const RULE_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]{1,90}\/providers\/(microsoft\.[a-z]+\/[a-z]+)\/([^/]{1,260})$/i;

const ACTION_GROUP =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.insights\/actiongroups\/[^/]+$/i;

/** Where the kinds of rule keep their action groups: none is deeper. */
const MAX_DEPTH = 5;

/** Rules change seldom; one that is new is not known yet in any case. */
const KEPT_MS = 10 * 60_000;

/** Reads of one run: at two a second, half of its time. */
const MAX_READS = 40;

const RULE = z.object({ name: z.string(), properties: z.unknown() });

type AlertRule = {
  /** As its owner wrote it; the list of alerts has some of them in lower case. */
  name: string;
  /** Ids of the action groups that it notifies, lower-cased. */
  actionGroups: readonly string[];
};

/** Reads rules during one run. */
export type RuleReader = {
  /** A rule that is gone, or of a kind that notifies no action group, notifies nobody. Null once too many were read. */
  read(ruleId: string): Promise<AlertRule | null>;
  /** True once it has answered null. */
  gaveUp(): boolean;
};

/** Alert rules of Azure Monitor, each read once in ten minutes. */
export function createAlertRules({ arm, clock }: { arm: ArmClient; clock: Clock }): {
  begin(signal: AbortSignal | undefined): RuleReader;
} {
  const kept = new Map<string, { rule: AlertRule; untilMs: number }>();

  async function readRule(id: string, version: string, signal: AbortSignal | undefined): Promise<AlertRule> {
    const fallback: AlertRule = { name: nameOf(id), actionGroups: [] };
    try {
      const found = RULE.safeParse(await arm.get('reading an alert rule', id, { 'api-version': version }, signal));
      if (!found.success) return fallback;
      const { name, properties } = found.data;
      return { name, actionGroups: [...new Set(actionGroupsIn(properties, MAX_DEPTH))] };
    } catch (error) {
      if (isHeadroomError(error) && error.kind === 'not-found') return fallback;
      throw error;
    }
  }

  return {
    begin(signal) {
      let reads = 0;
      let gaveUp = false;
      const nowMs = clock.now();
      for (const [id, { untilMs }] of kept) if (untilMs <= nowMs) kept.delete(id);
      return {
        gaveUp: () => gaveUp,
        async read(ruleId) {
          const id = ruleId.toLowerCase();
          const known = kept.get(id);
          if (known) return known.rule;
          const version = VERSIONS[RULE_ID.exec(id)?.[1] ?? ''];
          if (version === undefined) return { name: nameOf(ruleId), actionGroups: [] };
          gaveUp = reads >= MAX_READS;
          if (gaveUp) return null;
          reads += 1;
          const rule = await readRule(id, version, signal);
          kept.set(id, { rule, untilMs: nowMs + KEPT_MS });
          return rule;
        },
      };
    },
  };
}

function nameOf(ruleId: string): string {
  return ruleId.split('/').at(-1) ?? ruleId;
}

function actionGroupsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return ACTION_GROUP.test(value) ? [value.toLowerCase()] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.values(value).flatMap((member) => actionGroupsIn(member, depth - 1));
}
