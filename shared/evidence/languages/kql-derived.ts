import { CACHEABLE_OPERATIONS, LIMITED_CLASSES } from '../operation-classes.ts';
import { STRETCH_LEAD_S, STRETCH_TAIL_S } from '../stretch.ts';
import {
  BASELINE_GAP_US,
  CHAIN_GAP_US,
  CONTESTED_MINUTES,
  EARLIER_US,
  FOLLOWS_WITHIN_US,
  HOT_EVERY_US,
  HOT_SERVED,
  SESSION_IDLE_US,
  STORM_LEAD_S,
  STORM_LONGEST_S,
  STORM_TAIL_S,
} from './derived-bounds.ts';
import { begins, following, idOf, listed } from './kql-text.ts';

/**
 * Scalars of the incident, from a first look over the lines: `onset`, `last`, `storm_from`, `storm_to`, `log_second`, the
 * bounds of the hour before, and `stretch_from`, `stretch_to`, the unbroken time around the refusals; seconds since the epoch,
 * all null where nothing was refused (`log_second` where nothing was logged).
 */
export function stormText({ fromUs, toUs, linesMax }: { fromUs: number; toUs: number; linesMax: number }): string {
  const fromSecond = Math.floor(fromUs / 1_000_000);
  const toSecond = Math.floor(toUs / 1_000_000);
  return `let storm = toscalar(density | lookup kind=inner fuller on minute, of_table
  | summarize pack_array(minif(second, refused > 0), maxif(second, refused > 0), minif(second, logged > 0), sum(lines)));
let onset = tolong(storm[0]);
let log_second = tolong(storm[2]);
let one_in = max_of(1, (coalesce(tolong(storm[3]), 0) + ${linesMax - 1}) / ${linesMax});
let storm_from = iff(isnull(onset), long(null), max_of(onset - ${STORM_LEAD_S}, ${fromSecond}));
let storm_to = iff(isnull(onset), long(null), min_of(tolong(storm[1]) + ${STORM_TAIL_S}, ${toSecond}, storm_from + ${STORM_LONGEST_S}));
let hour_from_us = coalesce(onset * 1000000, ${fromUs}) - ${EARLIER_US};
let hour_to_us = coalesce(onset * 1000000, ${fromUs}) - ${BASELINE_GAP_US};
let stretch_to = iff(isnull(onset), long(null), min_of(storm_to + ${STRETCH_TAIL_S}, ${toSecond}));
let stretch_from = toscalar(density | lookup kind=inner fuller on minute, of_table
  | where isnotnull(onset) and second >= max_of(min_of(hour_from_us, ${fromUs}) / 1000000, onset - ${STRETCH_LEAD_S}) | summarize min(second));`;
}

/**
 * `tries`: the limited requests around the refusals; an `instance` is one caller at one address, a `need` one instance
 * and target, `contested` in the minutes of its refusals and the two after: only there the order matters, and is worked out.
 * `is_first`: not directly preceded by a refusal of the same need; `chain` numbers a first try with its retries, `retry` is 0 for
 * the first. These, and what came before, are null where a need is not contested.
 */
const TRIES = `let asked = requests
  | where isnotempty(caller) and class in (${listed(LIMITED_CLASSES)})
      and second >= storm_from - ${SESSION_IDLE_US / 1_000_000} and second < storm_to
  | project caller, instance, need, target, class, weight, cacheable = operation in (${listed(CACHEABLE_OPERATIONS)}), status,
      at_us, second, duration_ms, event, inside = second >= storm_from, minute = second / 60;
let contested = materialize(asked | where status == 429 | distinct need, minute
  | mv-expand later = dynamic([${CONTESTED_MINUTES.join(', ')}]) to typeof(long) | extend minute = minute + later
  | distinct need, minute);
let tries = materialize(union
  (contested | join kind=rightsemi asked on need, minute
  | sort by need asc, at_us asc, event asc
  | extend alike = need == prev(need)
  | extend previous_status = iff(alike, prev(status), long(null)), previous_us = iff(alike, prev(at_us), long(null))
  | extend is_first = not(alike and previous_status == 429 and at_us - previous_us <= ${CHAIN_GAP_US}), contested = true
  | extend chain = row_cumsum(iff(is_first, 1, 0)), retry = row_number(0, is_first)),
  (contested | join kind=rightanti asked on need, minute | extend is_first = true, contested = false));`;

/** `needs`: each need once for each operation class, counted inside; `hot` where it is served again and again. */
const NEEDS = `let counted_needs = materialize(tries | where inside
  | summarize caller = take_any(caller), instance = take_any(instance), target = take_any(target), weight = take_any(weight), tries = count(),
      uncontested = countif(not(contested)), firsts = countif(is_first), refused = countif(status == 429),
      forbidden = countif(status == 403), not_found = countif(status == 404),
      served = countif(status between (200 .. 299)), served_from_us = minif(at_us, status between (200 .. 299)),
      served_to_us = maxif(at_us, status between (200 .. 299)) by need, class);
let hot_needs = counted_needs
  | summarize served = sum(served), served_from_us = min(served_from_us), served_to_us = max(served_to_us) by need
  | where served >= ${HOT_SERVED} and served_to_us - served_from_us < served * ${HOT_EVERY_US}
  | project need, hot = true;
let needs = materialize(counted_needs | lookup kind=leftouter hot_needs on need | extend hot = coalesce(hot, false));`;

/**
 * `chains`: a first try with its retries, and the wait before each of the first five of them, of the contested tries; each
 * other try is a chain of one. Of a hot need several chains may be open at once, of which the log cannot tell apart the tries.
 */
const CHAINS = `let chains = materialize(tries | where inside and contested
  | extend waited_us = at_us - previous_us
  | summarize caller = take_any(caller), instance = take_any(instance), class = take_any(class), weight = take_any(weight), to_us = max(at_us),
      tries = count(), arg_max(retry, status),
      ${[1, 2, 3, 4, 5].map((n) => `gap${n}_us = maxif(waited_us, retry == ${n})`).join(', ')} by need, chain
  | project-rename ended = status
  | lookup kind=leftouter hot_needs on need | extend hot = coalesce(hot, false));`;

/**
 * `sessions`: what an instance that begins after a silence, which the log is long enough to show, asks until the next one.
 * A silence is longer than a minute, so that it is told from the first and last request of each minute.
 */
const SESSIONS = `let numbered = materialize(tries
  | summarize from_us = min(at_us), to_us = max(at_us) by instance, minute
  | sort by instance asc, minute asc
  | extend starts = iff(instance == prev(instance), from_us - prev(to_us) > ${SESSION_IDLE_US},
      from_us / 1000000 >= log_second + ${SESSION_IDLE_US / 1_000_000})
  | extend session = row_cumsum(iff(starts, 1, 0), ${begins(['instance'])})
  | project instance, minute, session, starts = starts and from_us / 1000000 >= storm_from);
let during = numbered | where starts | distinct instance, session | join kind=rightsemi numbered on instance, session
  | project instance, minute, session;
let sessions = materialize(during
  | join kind=inner (tries | where inside) on instance, minute
  | summarize caller = take_any(caller), weight = take_any(weight), reads = countif(is_first), arg_min(at_us, class) by instance, session, need
  | summarize caller = take_any(caller), weight = take_any(weight), arg_min(at_us, class), reads = sum(reads), targets = count() by instance, session
  | extend second = at_us / 1000000);`;

const ROUTE = idOf('address', 'client', 'target');

/**
 * `challenged`: each 401 of the window with the caller of the next authenticated request of the same address, client and target
 * (field-notes 4); without a caller where none followed.
 */
function challengedText({ fromUs, toUs }: { fromUs: number; toUs: number }): string {
  return `let challenges = materialize(requests | where status == 401 and at_us >= ${fromUs} and at_us < ${toUs}
  | project event, at_us, second, address, weight, route = ${ROUTE});
${following({
  name: 'answered',
  marks: 'challenges',
  later: `challenges | join kind=rightsemi (requests | where isnotempty(caller) | extend route = ${ROUTE}) on route
      | project at_us, heir = caller, route`,
  by: 'route',
})}
  | where heir_us - at_us <= ${FOLLOWS_WITHIN_US} | project event, caller = heir;
let challenged = materialize(challenges | join kind=leftouter answered on event | project second, address, weight, caller);`;
}

/** What is derived once from `requests` and read by several kinds, in the words of `sql-derived.ts`. */
export function derivedText(window: { fromUs: number; toUs: number }): string {
  return [TRIES, NEEDS, CHAINS, SESSIONS, challengedText(window)].join('\n');
}
