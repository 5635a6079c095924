import * as z from 'zod/mini';
import { type EvidenceKind, numbers } from './kind.ts';
import { idOf } from './languages/kql-text.ts';
import { LIMITED_CLASSES, LIST_OPERATIONS } from './operation-classes.ts';

const row = z.object({
  /** As in `load`: one of the twenty busiest callers; null for all others together. */
  caller: z.nullable(z.string()),
  class: z.string(),
  /** Of `load` too. Every list below has one entry a try, in order of time. */
  fromSecond: z.number(),
  /** Where the log begins, which may be long before. */
  logSecond: z.number(),
  /** Milliseconds after `fromSecond`. */
  atMs: numbers,
  /** Numbers that stand for a caller's address, and for what it asks for. */
  address: numbers,
  target: numbers,
  status: numbers,
  durationMs: numbers,
  /** What kind of work it is, as `ATTEMPT_WORK` names it. */
  work: numbers,
});

export type AttemptRow = z.infer<typeof row>;

/** `byPublicKey` needs no secret, `byDataKey` gives back what can be kept; a signature is a new one each time. */
export const ATTEMPT_WORK = { other: 0, list: 1, byPublicKey: 2, byDataKey: 3, sign: 4 } as const;

const BY_PUBLIC_KEY = ['KeyVerify', 'KeyEncrypt', 'KeyWrap'];
const BY_DATA_KEY = ['KeyUnwrap', 'KeyDecrypt'];

/** Key operations that a process can do by itself, if it has the public key or keeps what it got. */
export const LOCAL_OPERATIONS: readonly string[] = [...BY_PUBLIC_KEY, ...BY_DATA_KEY];

const CALLERS_MAX = 20;
/** All tries or none: a part of them would be another load. These are 10 MB in a process, and 3 MB where they are kept. */
const ATTEMPTS_MAX = 150_000;

const named = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
const LISTS = ['atMs', 'address', 'target', 'status', 'durationMs', 'work'] as const;

/**
 * Each try around the refusals, where there are few enough to hold them all; none otherwise. What-if replays each instance
 * in its own order from them, which `load` can only describe.
 */
export const attempts: EvidenceKind<AttemptRow> = {
  kind: 'attempts',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    ranked AS (
      SELECT caller_id FROM tries JOIN caller_names USING (caller_id) WHERE inside
      GROUP BY caller_id, caller ORDER BY count(*) DESC, caller LIMIT ${CALLERS_MAX}),
    asked AS (
      SELECT CASE WHEN hash(caller) IN (SELECT caller_id FROM ranked) THEN caller END AS caller, class, from_second, log_second,
        {'atMs': (at_us - from_second::BIGINT * 1000000) / 1000, 'event': event,
          'address': hash(caller, address) >> 32, 'target': hash(target) >> 32, 'status': status,
          'durationMs': duration_ms, 'work': CASE
            WHEN operation IN (${named(LIST_OPERATIONS)}) THEN ${ATTEMPT_WORK.list}
            WHEN operation IN (${named(BY_PUBLIC_KEY)}) THEN ${ATTEMPT_WORK.byPublicKey}
            WHEN operation IN (${named(BY_DATA_KEY)}) THEN ${ATTEMPT_WORK.byDataKey}
            WHEN operation = 'KeySign' THEN ${ATTEMPT_WORK.sign} ELSE ${ATTEMPT_WORK.other} END} AS try
      FROM requests, storm
      WHERE caller IS NOT NULL AND limited AND second >= from_second AND second < to_second
        AND (SELECT count(*) FROM tries WHERE inside) <= ${ATTEMPTS_MAX}),
    listed AS (
      SELECT caller, class, any_value(from_second) AS fromSecond, any_value(log_second) AS logSecond, list(try ORDER BY try) AS tries
      FROM asked GROUP BY caller, class)
    SELECT caller, class, fromSecond, logSecond,
      ${LISTS.map((name) => `list_transform(tries, lambda t: t.${name}::DOUBLE) AS ${name}`).join(', ')}
    FROM listed ORDER BY caller NULLS LAST, class`,
  kql: () => `let @ranked = tries | where inside | summarize asked = sum(weight) by caller
    | sort by asked desc, caller asc | take ${CALLERS_MAX} | project caller, who = caller;
  let @few = tries | where inside | summarize asked = count() | where asked <= ${ATTEMPTS_MAX} and one_in == 1 | project one = 1;
  requests | where isnotempty(caller) and class in (${named(LIMITED_CLASSES)}) and second >= storm_from and second < storm_to
  | extend one = 1 | lookup kind=inner (@few) on one
  | lookup kind=leftouter (@ranked) on caller
  | extend atMs = (at_us - storm_from * 1000000) / 1000.0, work = case(
      operation in (${named(LIST_OPERATIONS)}), ${ATTEMPT_WORK.list}, operation in (${named(BY_PUBLIC_KEY)}), ${ATTEMPT_WORK.byPublicKey},
      operation in (${named(BY_DATA_KEY)}), ${ATTEMPT_WORK.byDataKey}, operation == 'KeySign', ${ATTEMPT_WORK.sign}, ${ATTEMPT_WORK.other})
  | extend address = instance / 2097152, target = ${idOf('target')} / 2097152
  | sort by who asc, class asc, at_us asc, event asc
  | summarize ${LISTS.map((name) => `${name} = make_list(${name === 'durationMs' ? 'duration_ms' : name})`).join(', ')} by caller = who, class
  | project caller, class, fromSecond = storm_from, logSecond = log_second, ${LISTS.join(', ')}
  | sort by isempty(caller) asc, caller asc, class asc`,
};
