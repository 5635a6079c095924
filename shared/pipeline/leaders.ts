import { createHash } from 'node:crypto';
import { clockWords, percentWords } from '../chat/words.ts';
import { callerOf } from '../diagnoses/caller.ts';
import { isHeadroomError } from '../errors.ts';
import { callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { owners } from '../evidence/owners.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Caller, Note, Resource, Time } from '../model.ts';
import type { EvidenceReader } from '../ports.ts';
import type { NameCaller } from './aliases.ts';
import type { WorkDeps } from './deps.ts';
import { gather } from './gather.ts';
import { leadersName } from './keys.ts';
import { namingFrom } from './naming.ts';

/** Who asked most of a resource in one whole hour. Of people it is only said that they are: none has to be forgotten here. */
type Leaders = { v: 1; from: Time; to: Time; leaders: { caller: Caller | null; share: number }[] };

const HOUR_MS = 3_600_000;
const NAMED_MAX = 3;
/** A smaller part of the load leads nothing. */
const SHARE_MIN = 0.05;

/** `names`: a store that knows whose identities callers are; absent: none does. */
type LeadersOptions = { reader: EvidenceReader; names?: EvidenceReader | undefined; timeoutMs: number };

/** A name is worth this much of the time that the first message has. */
const NAMES_MS = 1_500;

/**
 * Who led the load in the last complete hour, whose log has arrived when that of an alert has not; marked as history. Asked
 * once for each resource and hour, however many incidents want to know; null where no log tells in time.
 */
export async function leadersNote(
  deps: WorkDeps,
  resource: Resource,
  options: LeadersOptions,
  signal?: AbortSignal,
): Promise<Note | null> {
  const toMs = Math.floor(deps.clock.now() / HOUR_MS) * HOUR_MS;
  const hour = { from: new Date(toMs - HOUR_MS).toISOString(), to: new Date(toMs).toISOString() };
  const known =
    (await readKept(deps, resource, hour.from)) ?? (await ask(deps, { resource, ...hour }, options, signal));
  return known && wordsOf(known, deps.policy.nameCaller);
}

async function ask(
  deps: WorkDeps,
  asked: { resource: Resource; from: Time; to: Time },
  { reader, names, timeoutMs }: LeadersOptions,
  signal: AbortSignal | undefined,
): Promise<Leaders | null> {
  const request = { ...asked, kinds: [callers.kind], windows: ['incident'] as const, timeoutMs };
  const evidence = await gather({ readers: [reader], clock: deps.clock }, request, signal);
  const [held] = rowsOf(evidence, coverage) ?? [];
  const rows = rowsOf(evidence, callers);
  if (rows === null || held === undefined || held.requests === 0) return null;
  const readers = names === undefined ? [] : [names];
  const asking = { ...asked, kinds: [owners.kind], seen: evidence.readings, timeoutMs: NAMES_MS };
  const nameCaller = namingFrom(await gather({ readers, clock: deps.clock }, asking, signal));
  const leaders = rows
    .map((row) => ({
      caller: row.kind === 'user' ? null : nameCaller(callerOf(row)),
      share: row.requests / held.requests,
    }))
    .filter(({ share }) => share >= SHARE_MIN)
    .slice(0, NAMED_MAX);
  const found: Leaders = { v: 1, from: asked.from, to: asked.to, leaders };
  await keep(deps, asked.resource, found);
  return found;
}

function wordsOf({ from, to, leaders }: Leaders, nameCaller: NameCaller): Note | null {
  const named = leaders.map(({ caller, share }) => {
    const { displayName, id } = caller === null ? { displayName: 'a user', id: '' } : nameCaller(caller);
    return `${displayName ?? id} (${percentWords(share)})`;
  });
  if (named.length === 0) return null;
  return {
    text: `History, not this incident yet: from ${clockWords(from)} to ${clockWords(to, from)} most was asked by ${named.join(', ')}.`,
  };
}

async function readKept(deps: WorkDeps, { id }: Resource, from: Time): Promise<Leaders | null> {
  try {
    const bytes = await deps.payloads.get(nameOf(id));
    const kept: Leaders | null = bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
    return kept?.v === 1 && kept.from === from ? kept : null;
  } catch (error) {
    if (!isHeadroomError(error)) throw error;
    return null;
  }
}

/** Nobody waits for a store that is down: it is then asked again. */
async function keep(deps: WorkDeps, { id }: Resource, leaders: Leaders): Promise<void> {
  await deps.payloads.put(nameOf(id), Buffer.from(JSON.stringify(leaders))).catch((error: unknown) => {
    if (!isHeadroomError(error)) throw error;
  });
}

function nameOf(resourceId: string): string {
  return leadersName(createHash('sha256').update(resourceId).digest('hex').slice(0, 32));
}
