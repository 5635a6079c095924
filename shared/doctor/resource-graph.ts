import { READABLE_SUBSCRIPTIONS } from '../evidence/languages/resource-graph.ts';
import type { Resource } from '../model.ts';
import type { EvidenceReader } from '../ports.ts';
import type { Check, CheckPorts, CheckResult } from './check.ts';

const SUBSCRIPTION = /^\/subscriptions\/([0-9a-f-]{36})(?:\/|$)/;
const NAMED_MAX = 3;

/** Whether Resource Graph shows the subscriptions in scope: what it may not be read of is left out without a word. */
export const resourceGraph: Check = {
  name: 'resource graph',
  async run({ config, readers = [], clock }) {
    const subscriptions = [...new Set(config.settings.scopes.flatMap((scope) => SUBSCRIPTION.exec(scope)?.[1] ?? []))];
    const reader = readers.find(({ language }) => language === 'resource-graph');
    if (reader === undefined || subscriptions.length === 0)
      return { ok: true, detail: 'not asked: no scope is a subscription of Azure' };
    return examineGraph(reader, subscriptions, clock);
  },
};

async function examineGraph(
  reader: EvidenceReader,
  subscriptions: readonly string[],
  clock: CheckPorts['clock'],
): Promise<CheckResult> {
  const now = new Date(clock.now()).toISOString();
  const statements = [{ kind: 'subscriptions', text: READABLE_SUBSCRIPTIONS }];
  const query = { setup: [], statements, parameters: {} };
  const resource = subscriptionOf(subscriptions[0] ?? '');
  const [reading] = await reader.read({ resource, from: now, to: now, window: 'incident', query });
  if (reading?.state !== 'read')
    return {
      ok: false,
      problem: 'whose callers are, what changed and what the provider has open cannot be read',
      nextStep: reading?.nextStep ?? 'See the log of this process',
    };
  const shown = new Set(reading.rows.map((row) => row['subscription']));
  const hidden = subscriptions.filter((id) => !shown.has(id));
  const [first] = hidden;
  if (first === undefined)
    return { ok: true, detail: `shows ${subscriptions.length} of ${subscriptions.length} subscriptions` };
  const more = hidden.length > NAMED_MAX ? ` and ${hidden.length - NAMED_MAX} more` : '';
  return {
    ok: false,
    problem: `nothing is shown of ${hidden.slice(0, NAMED_MAX).join(', ')}${more}`,
    nextStep:
      "Give Headroom's identity the role Reader there: az role assignment create --role Reader --assignee <client id> " +
      `--scope /subscriptions/${first}`,
  };
}

function subscriptionOf(id: string): Resource {
  const whole = `/subscriptions/${id}`;
  return { cloud: 'azure', id: whole, name: id, type: 'microsoft.resources/subscriptions', scope: id };
}
