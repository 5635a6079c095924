import { SESSION_IDLE_US } from './languages/derived-bounds.ts';
import { following, listed, quantiles, weighed } from './languages/kql-text.ts';
import {
  CALLERS_MAX,
  CHAIN_BINS,
  COUNTS,
  GOES_ON_WITHIN_US,
  SHARED_FACTOR,
  SHARED_MIN,
  TTLS_S,
  WARM_UP_S,
} from './load-bounds.ts';
import { CACHEABLE_OPERATIONS } from './operation-classes.ts';

const GAPS = [1, 2, 3, 4, 5] as const;

/** `load` in KQL; `who` is one of the twenty busiest callers, empty for all others. */
export function loadKql(): string {
  return `let @asked_in = materialize(needs | summarize tries = sum(weight * tries) by caller, class);
  let @busiest = materialize(@asked_in | summarize tries = sum(tries) by caller | sort by tries desc, caller asc | take ${CALLERS_MAX}
    | project caller, who = caller);
  let @lines_of = materialize(@asked_in | lookup kind=leftouter (@busiest) on caller | distinct who, class);
  let @counts = tries | where inside | lookup kind=leftouter (@busiest) on caller
    | summarize firsts = ${weighed('is_first')}, retry = ${weighed('not(is_first)')},
        served = ${weighed('status between (200 .. 299)')}, refused = ${weighed('status == 429')},
        uncacheable = ${weighed('is_first and not(cacheable)')} by who, class, second;
  let @cells60 = materialize(requests
    | where isnotempty(caller) and operation in (${listed(CACHEABLE_OPERATIONS)})
        and second < storm_to and second >= storm_from - ${TTLS_S.at(-1)}
    | summarize second = min(second) by need, weight, caller, class, cell = ${cellAt('second', 60)});
  let @sighted = materialize(@cells60 | summarize seen_from = min(second) by need
    | extend warm = seen_from < log_second + ${WARM_UP_S});
  ${TTLS_S.slice(1)
    .map((ttl, index) => cellsOf(ttl, TTLS_S[index] ?? 60))
    .join('\n  ')}
  ${TTLS_S.map(missesOf).join('\n  ')}
  let @main_class = @asked_in | sort by caller asc, tries desc, class desc | extend nth = row_number(1, caller != prev(caller))
    | where nth == 1 | project caller, class;
  let @challenged_callers = materialize(challenged | where isnotempty(caller) and second >= storm_from and second < storm_to);
  let @shared_address = materialize(@challenged_callers | summarize challenges = sum(weight) by caller
    | lookup kind=leftouter (sessions | summarize starts = sum(weight) by caller) on caller
    | where challenges >= ${SHARED_FACTOR} * coalesce(starts, 0) and challenges >= ${SHARED_MIN} | project caller);
  let @starting = union (sessions | join kind=leftanti @shared_address on caller | project caller, class, second, weight),
      (@challenged_callers | join kind=leftsemi @shared_address on caller | lookup kind=inner (@main_class) on caller
      | project caller, class, second, weight)
    | lookup kind=leftouter (@busiest) on caller | lookup kind=inner (@lines_of) on who, class
    | summarize sessionStart = sum(weight) by who, class, second;
  let @series = union @counts, ${TTLS_S.map((ttl) => `@misses${ttl}`).join(', ')}, @starting
    | make-series ${COUNTS.map((name) => `${seriesName(name)} = sum(${seriesName(name)}) default = 0`).join(', ')}
        on second from coalesce(storm_from, 0) to coalesce(storm_to, 1) step 1 by who, class;
  let @in_turn = sessions | distinct instance | join kind=rightsemi tries on instance
    | sort by instance asc, at_us asc, event asc
    | extend alike = instance == prev(instance)
    | extend step_us = iff(alike, at_us - prev(at_us), long(null)), before = iff(alike, prev(status), -1), before_ms = prev(duration_ms)
    | where inside and is_first and step_us <= ${SESSION_IDLE_US} and before between (200 .. 299)
    | extend parallel = iff(step_us < 1000 * before_ms, 1.0, 0.0)
    | lookup kind=leftouter (@busiest) on caller;
  let @stepped = materialize(@in_turn | project who, class, step_us, parallel);
  let @in_sessions = materialize(sessions | lookup kind=leftouter (@busiest) on caller | project who, class, reads);
  let @ended = materialize(chains | lookup kind=leftouter (@busiest) on caller | extend bin = min_of(tries, ${CHAIN_BINS}), gave_up = ended == 429);
  let @lengths = materialize(union
    (@ended | summarize chains = sum(weight) by who, class, hot, bin, gave_up),
    (needs | where uncontested > 0 | lookup kind=leftouter (@busiest) on caller
    | summarize chains = sum(weight * uncontested) by who, class, hot | extend bin = 1, gave_up = false));
  let @binned = @lengths
    | make-series chainLengths = sum(iff(not(hot), chains, 0)) default = 0, gaveUpLengths = sum(iff(not(hot) and gave_up, chains, 0)) default = 0
        on bin from 1 to ${CHAIN_BINS + 1} step 1 by who, class
    | project who, class, chainLengths, gaveUpLengths;
  let @chained = @lengths | summarize hotShare = toreal(sum(iff(hot, chains, 0))) / sum(chains) by who, class;
  let @gave_up = materialize(@ended | where gave_up and not(hot) | project who, class, instance, weight, at_us = to_us);
  ${following({
    name: '@went_on',
    marks: '@gave_up',
    later: '@gave_up | join kind=rightsemi (tries | where is_first) on instance | project instance, at_us, heir = 1',
    by: 'instance',
    strictly: true,
  })}
    | where heir_us - at_us <= ${GOES_ON_WITHIN_US} | summarize on_again = sum(weight) by who, class;
  let @goes_on = @gave_up | summarize ends = sum(weight) by who, class
    | lookup kind=leftouter (@went_on) on who, class | project who, class, goesOnShare = toreal(coalesce(on_again, 0)) / ends;
  let @sizes = needs | distinct caller, class, instance, weight | lookup kind=leftouter (@busiest) on caller
    | summarize addresses = sum(weight) by who, class;
  let @challenged_by = @challenged_callers | lookup kind=leftouter (@busiest) on caller | summarize challenges = sum(weight) by who;
  @series | lookup kind=inner (@lines_of) on who, class
  | lookup kind=leftouter (${quantiles('@stepped', ['who', 'class'], {
    step50_us: { of: 'step_us', at: 0.5 },
    step90_us: { of: 'step_us', at: 0.9 },
  })}) on who, class
  | lookup kind=leftouter (@stepped | summarize parallelShare = avg(parallel) by who, class) on who, class
  | lookup kind=leftouter (${quantiles('@in_sessions', ['who', 'class'], { readsPerSessionP50: { of: 'reads', at: 0.5 } })}) on who, class
  | lookup kind=leftouter (@binned) on who, class
  | lookup kind=leftouter (@chained) on who, class
  | lookup kind=leftouter (${quantiles(
    '@ended | where not(hot)',
    ['who', 'class'],
    Object.fromEntries(GAPS.map((n) => [`wait${n}`, { of: `gap${n}_us`, at: 0.5 }])),
  )}) on who, class
  | lookup kind=leftouter (@goes_on) on who, class
  | lookup kind=leftouter (@sizes) on who, class
  | lookup kind=leftouter (@challenged_by) on who
  | project caller = who, class, fromSecond = storm_from, ${COUNTS.map((name) => `['${name}'] = ${seriesName(name)}`).join(', ')},
      readsPerSessionP50, stepMsP50 = step50_us / 1000, stepMsP90 = step90_us / 1000, parallelShare = coalesce(parallelShare, 0.0),
      ${GAPS.map((n) => `gap${n}Ms = wait${n} / 1000`).join(', ')}, chainLengths, gaveUpLengths, hotShare, goesOnShare, addresses,
      challenges = coalesce(challenges, 0)
  | sort by isempty(caller) asc, caller asc, class asc`;
}

/** `first` is a word of the language. */
function seriesName(name: (typeof COUNTS)[number]): string {
  return name === 'first' ? 'firsts' : name;
}

/**
 * The first read of each need in each cell of a time to live. Cells begin at another second for each need, so that no
 * stampede is invented at their edges; each time to live is a multiple of the one before, and so are the cells.
 */
function cellsOf(ttlSeconds: number, from: number): string {
  return `let @cells${ttlSeconds} = materialize(@cells${from}
    | summarize second = min(second) by need, weight, caller, class, cell = ${cellAt('second', ttlSeconds)});`;
}

function missesOf(ttlSeconds: number): string {
  return `let @misses${ttlSeconds} = @sighted | join kind=inner @cells${ttlSeconds} on need
    | where not(warm and cell == ${cellAt('seen_from', ttlSeconds)})
    | lookup kind=leftouter (@busiest) on caller | lookup kind=inner (@lines_of) on who, class
    | summarize miss${ttlSeconds} = sum(weight) by who, class, second;`;
}

function cellAt(second: string, ttlSeconds: number): string {
  return `(${second} + need % ${ttlSeconds}) / ${ttlSeconds}`;
}
