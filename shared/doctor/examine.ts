import { isHeadroomError } from '../errors.ts';
import { withinDeadline } from '../pipeline/deadline.ts';
import type { Clock } from '../ports.ts';
import { actions } from './actions.ts';
import type { Check, CheckPorts, Examined } from './check.ts';
import { destinations } from './destinations.ts';
import { escalation } from './escalation.ts';
import { logs, metrics } from './live-evidence.ts';
import { people } from './people.ts';
import { resourceGraph } from './resource-graph.ts';
import { scopes } from './scopes.ts';
import { signIns } from './sign-ins.ts';
import { slack } from './slack.ts';
import { stores } from './stores.ts';
import { teams } from './teams.ts';
import { webhooks } from './webhooks.ts';

/** In the order in which they are told. */
const CHECKS: readonly Check[] = [
  stores,
  destinations,
  slack,
  teams,
  webhooks,
  escalation,
  scopes,
  logs,
  metrics,
  resourceGraph,
  signIns,
  people,
  actions,
];

const CHECK_MS = 10_000;

/** Looks an installation over. */
export function examine(ports: CheckPorts, checks: readonly Check[] = CHECKS): Promise<Examined> {
  return runChecks(ports, checks, CHECK_MS);
}

/** Runs every check, all at once; one that fails or does not end in `limitMs` is a finding like any other. */
export async function runChecks<Ports extends { clock: Clock }>(
  ports: Ports,
  checks: readonly Check<Ports>[],
  limitMs: number,
): Promise<Examined> {
  return Promise.all(
    checks.map(async (check) => {
      try {
        const result = await withinDeadline(ports.clock, limitMs, `the check of ${check.name}`, () => check.run(ports));
        return { name: check.name, ...result };
      } catch (error) {
        const known = isHeadroomError(error);
        const nextStep = (known ? error.nextStep : undefined) ?? 'See the log of this process';
        return { name: check.name, ok: false, problem: known ? error.message : 'the check itself failed', nextStep };
      }
    }),
  );
}
