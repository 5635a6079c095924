import type { RecordKey, Time } from '../model.ts';
import type { Clock, Random, Records, Revision } from '../ports.ts';
import { timeNow } from './deps.ts';
import { auditKey } from './keys.ts';

/** Who acted, as the platform that they acted on knows them. */
export type Person = {
  /** `slack:T0123/U0456`, `entra:<object id>`, or `local`: whoever may read the store of this machine. */
  id: string;
  /** As messages show them. */
  name: string;
};

export type AuditEntry = {
  v: 1;
  at: Time;
  by: string;
  name: string;
  action: string;
  incidentId?: string;
  detail?: string;
  /** `begun`: the process ended before it could say how it went. */
  outcome: 'begun' | 'done' | 'unchanged' | 'refused' | 'failed';
  reason?: string;
};

export type AuditDeps = { records: Records; clock: Clock; random: Random };

type Asked = Pick<AuditEntry, 'action' | 'incidentId' | 'detail'>;

/** What was refused to whom, and why. */
export async function auditRefusal(deps: AuditDeps, person: Person, asked: Asked, reason: string): Promise<void> {
  const entry = entryOf(deps, person, asked);
  await deps.records.put<AuditEntry>(keyOf(deps, entry), { ...entry, outcome: 'refused', reason }, 'absent');
}

/**
 * Runs what a person asked for between two writes, so that nothing is ever done without a trace of who did it.
 *
 * @param run says whether anything changed, and what exactly, where that is more than was known before
 */
export async function audited<T extends { changed: boolean; detail?: string }>(
  deps: AuditDeps,
  person: Person,
  asked: Asked,
  run: () => Promise<T>,
): Promise<T> {
  const entry = entryOf(deps, person, asked);
  const key = keyOf(deps, entry);
  const revision = await deps.records.put<AuditEntry>(key, entry, 'absent');
  try {
    const result = await run();
    const { changed, detail } = result;
    const settled = { ...entry, ...(detail === undefined ? {} : { detail }) };
    await settle(deps, key, { ...settled, outcome: changed ? 'done' : 'unchanged' }, revision);
    return result;
  } catch (error) {
    // The store may well be what failed; the entry then stays as begun.
    await settle(deps, key, { ...entry, outcome: 'failed' }, revision).catch(() => undefined);
    throw error;
  }
}

function entryOf(deps: AuditDeps, person: Person, asked: Asked): AuditEntry {
  const { action, incidentId, detail } = asked;
  return {
    v: 1,
    at: timeNow(deps.clock),
    by: person.id,
    name: person.name,
    action,
    ...(incidentId === undefined ? {} : { incidentId }),
    ...(detail === undefined ? {} : { detail }),
    outcome: 'begun',
  };
}

function keyOf(deps: AuditDeps, { at, incidentId }: AuditEntry): RecordKey {
  return auditKey(at, deps.random(), incidentId);
}

async function settle(deps: AuditDeps, key: RecordKey, entry: AuditEntry, revision: Revision): Promise<void> {
  await deps.records.put(key, entry, revision);
}
