import { type OwnerRow, owners } from '../evidence/owners.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Caller, Evidence } from '../model.ts';
import { cleanText } from '../sources/clean.ts';
import type { NameCaller } from './aliases.ts';

const TEXT_MAX = 200;

/**
 * The callers by the resources whose identities they are, with owner and team by tags; what the settings say of one goes
 * before (field-notes 15). Whoever nothing is known of stays as the log shows it.
 */
export function namingFrom(evidence: Evidence, byAlias: NameCaller = (caller) => caller): NameCaller {
  const rows = rowsOf(evidence, owners) ?? [];
  return (caller) => byAlias(rows.length === 0 || caller.kind === 'user' ? caller : named(caller, rows));
}

function named<C extends Caller>(caller: C, rows: readonly OwnerRow[]): C {
  const holder = holderOf(caller, rows);
  if (holder === null) return caller;
  const { row, name } = holder;
  const [owner, team] = [row.owner, row.team].map((text) => cleanText(text, TEXT_MAX));
  return {
    ...caller,
    displayName: cleanText(name, TEXT_MAX),
    ...(owner ? { owner } : {}),
    ...(team ? { team } : {}),
  };
}

/** The resources that act under this identity, as their ids stand in the evidence; none where it is not known. */
export function resourcesOf(caller: Caller, evidence: Evidence): string[] {
  const rows = rowsOf(evidence, owners) ?? [];
  return rowsFor(caller, rows)
    .filter(({ how }) => how !== 'assigned')
    .map(({ resource }) => resource);
}

/** An identity that one resource was given speaks for that resource; one that several were given goes by its own name. */
function holderOf(caller: Caller, rows: readonly OwnerRow[]): { row: OwnerRow; name: string } | null {
  const own = rowsFor(caller, rows);
  const system = own.find(({ how }) => how === 'system');
  if (system !== undefined) return { row: system, name: system.name };
  const users = own.filter(({ how }) => how === 'uses');
  const assigned = own.find(({ how }) => how === 'assigned');
  const [only] = users;
  if (only !== undefined && users.length === 1) return { row: filled(only, assigned), name: only.name };
  const holder = assigned ?? only;
  if (holder === undefined) return null;
  const shared = users.length === 0 ? '' : ` (${users.length} resources)`;
  return { row: holder, name: `${holder.name}${shared}` };
}

/** What the resource's tags leave open, those of its identity may say. */
function filled(row: OwnerRow, other: OwnerRow | undefined): OwnerRow {
  return { ...row, owner: row.owner || (other?.owner ?? ''), team: row.team || (other?.team ?? '') };
}

/** By object id and app id, each resource once. */
function rowsFor(caller: Caller, rows: readonly OwnerRow[]): OwnerRow[] {
  const ids = [caller.objectId, caller.appId, caller.id].map((id) => id?.toLowerCase());
  const own = rows.filter(({ asked, how }) => how !== 'self' && ids.includes(asked));
  return own.filter(
    ({ resource, how }, at) => own.findIndex((row) => row.resource === resource && row.how === how) === at,
  );
}
