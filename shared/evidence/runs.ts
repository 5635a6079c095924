import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { idOf, quantiles } from './languages/kql-text.ts';
import { LIMITED_CLASSES } from './operation-classes.ts';
import { STRETCH } from './stretch.ts';

const row = z.object({
  caller: z.string(),
  /** Addresses that were watched, at most forty, and those of them that read their whole set three times or more. */
  watched: z.number(),
  rereading: z.number(),
  /** From here on of the addresses that re-read, each the median over them. Distinct targets of one address. */
  setSize: z.number(),
  runsEach: z.number(),
  /** Times that a run reads each of its targets: 1 for one instance, more where several share the address. */
  readsEach: z.number(),
  /** Share of the runs that read the whole set. */
  wholeShare: z.number(),
  /** From one run to the next; of runs without a refusal, where there are enough. */
  gapMsP50: z.number(),
  /** How much the gaps vary: their quartile range as that of a normal distribution, against their median. */
  gapVariation: z.number(),
  /** Share of a gap that its run takes: near 0 where the set is read at once, near 1 where reads come all the time. */
  busyShare: z.number(),
  /** Share of the runs that begin with the same three targets as most runs of their address. */
  sameOrderShare: z.number(),
  /** Followed challenges for each time that the set was read, inside the incident's window; null where it was not. */
  challengesEach: z.nullable(z.number()),
  /** Start of the first run seen. */
  firstMs: z.number(),
});

export type RunRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
/** Addresses of one caller that are watched, and their requests: the middle of forty moves little when there are more. */
const WATCHED_MAX = 40;
const WATCHED_REQUESTS_MAX = 40_000;
/** A caller that asks for this many times as much around the refusals as before is watched from there alone. */
const CLIMBS_FACTOR = 2;
const LEAD_S = 60;
/** A run follows a silence of this part of the third longest of its address, and of so long. */
const SILENCE_SHARE = 0.4;
const SILENCE_MIN_US = 2_000_000;
/** With three runs there are but two silences; the third is then no longer than reads take. */
const THIRD_MIN_US = 5_000_000;
/** After a refusal the silence may be the wait before a retry: of the usual clients the fifth takes 16 s, or 25 s. */
const RETRY_WAIT_MAX_US = 35_000_000;
/** A run that read this much of the set read it whole: one target may be new or left out. */
const WHOLE_SHARE = 0.8;
const WHOLE_RUNS_MIN = 3;
/** Quartile range of a normal distribution in standard deviations. */
const QUARTILES_SD = 1.349;

const LIMITED = LIMITED_CLASSES.map((name) => `'${name}'`).join(', ');
const ADDRESS = 'hash(caller, address)';
/** By time, and reads of one moment always in the same order; fits a whole number until the year 2041. */
const IN_ORDER = 'at_us * 4096 + (target_id % 4096)::BIGINT';

/**
 * The rhythm in which the addresses of a caller read all that they ever read: one row for each of the twenty busiest callers
 * that has an address which does so three times or more. Where instances share an address and run at one time, a run is
 * theirs together; where they run at any time, their address shows no rhythm.
 */
export const runs: EvidenceKind<RunRow> = {
  kind: 'runs',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    ${STRETCH},
    busiest AS (
      SELECT caller_id FROM needs JOIN caller_names USING (caller_id)
      GROUP BY caller_id, caller ORDER BY sum(tries) DESC, caller LIMIT ${CALLERS_MAX}),
    asked AS NOT MATERIALIZED (
      SELECT hash(caller) AS caller_id, ${ADDRESS} AS address_id, hash(target) AS target_id, at_us, status,
        stretch.from_second, over_second, onset_second, second
      FROM requests, stretch WHERE caller IS NOT NULL AND limited
        AND second >= stretch.from_second AND second < stretch.to_second),
    since AS MATERIALIZED (
      SELECT caller_id, CASE WHEN count(*) FILTER (second >= onset_second - ${LEAD_S} AND second < over_second)
            / any_value(over_second - onset_second + ${LEAD_S})
          >= ${CLIMBS_FACTOR} * count(*) FILTER (second < onset_second - ${LEAD_S})
            / greatest(1, any_value(onset_second - ${LEAD_S} - from_second))
        THEN any_value(onset_second) - ${LEAD_S} ELSE any_value(from_second) END AS since_second
      FROM asked SEMI JOIN busiest USING (caller_id) GROUP BY caller_id),
    addresses AS (
      SELECT caller_id, address_id, sum(requests) AS requests, count(*) AS set_size, max(answers) AS answers
      FROM (
        SELECT caller_id, address_id, target_id, count(*) AS requests, count(*) FILTER (status <> 429) AS answers
        FROM asked JOIN since USING (caller_id) WHERE second >= since_second GROUP BY ALL)
      GROUP BY caller_id, address_id),
    watched AS MATERIALIZED (
      SELECT * FROM addresses WINDOW in_turn AS (PARTITION BY caller_id ORDER BY address_id)
      QUALIFY row_number() OVER in_turn = 1
        OR row_number() OVER in_turn <= ${WATCHED_MAX} AND sum(requests) OVER in_turn <= ${WATCHED_REQUESTS_MAX}),
    recurring AS MATERIALIZED (SELECT * FROM watched JOIN since USING (caller_id) WHERE answers >= ${WHOLE_RUNS_MIN}),
    steps AS (
      SELECT address_id, target_id, at_us, status FROM asked JOIN recurring USING (address_id) WHERE second >= since_second
      UNION ALL
      SELECT address_id, NULL, second::BIGINT * 1000000, 401
      FROM (SELECT ${ADDRESS} AS address_id, second FROM challenged) JOIN recurring USING (address_id)
      WHERE second >= since_second),
    before AS (
      SELECT *, row_number() OVER all_steps AS nth, lag(status) OVER all_steps AS status_before,
        at_us - lag(CASE WHEN target_id IS NOT NULL THEN at_us END IGNORE NULLS) OVER all_steps AS silence_us
      FROM steps WINDOW all_steps AS (PARTITION BY address_id ORDER BY at_us, target_id NULLS FIRST)),
    quiet AS (
      SELECT *, NOT coalesce(status_before = 429 AND silence_us <= ${RETRY_WAIT_MAX_US}, false) AS waits FROM before),
    longest AS (
      SELECT address_id, CASE WHEN longest[3] >= ${THIRD_MIN_US} THEN longest[3] ELSE longest[2] END AS usual_us
      FROM (
        SELECT address_id, max(silence_us, 3) AS longest FROM quiet WHERE target_id IS NOT NULL AND waits
        GROUP BY address_id)),
    numbered AS (
      SELECT quiet.*, sum((target_id IS NOT NULL AND waits
          AND coalesce(silence_us >= greatest(${SILENCE_MIN_US}, ${SILENCE_SHARE} * usual_us), true))::INTEGER)
          OVER (PARTITION BY address_id ORDER BY nth ROWS UNBOUNDED PRECEDING) AS run
      FROM quiet JOIN longest USING (address_id)),
    each_run AS (
      SELECT address_id, any_value(caller_id) AS caller_id, any_value(set_size) AS set_size, run,
        min(at_us) AS start_us, max(at_us) AS end_us, quantile_disc(at_us, 0.25) AS quarter_us,
        count(*) FILTER (status <> 429) AS answers, count(DISTINCT target_id) AS targets,
        count(*) FILTER (status = 429) = 0 AS undisturbed,
        count(DISTINCT target_id) >= ${WHOLE_SHARE} * any_value(set_size) AS whole,
        hash(arg_min(target_id, ${IN_ORDER}, 3) FILTER (status <> 429)) AS head
      FROM numbered JOIN recurring USING (address_id) WHERE target_id IS NOT NULL GROUP BY address_id, run),
    followed AS (
      SELECT *, lead(quarter_us) OVER (PARTITION BY address_id ORDER BY run) - quarter_us AS gap_us FROM each_run),
    gaps AS (
      SELECT *, undisturbed OR count(gap_us) FILTER (undisturbed) OVER (PARTITION BY address_id) < ${WHOLE_RUNS_MIN - 1}
          AS measured
      FROM followed),
    heads AS (
      SELECT address_id, max(alike) / sum(alike) AS same_order FROM (
        SELECT address_id, head, count(*) AS alike FROM each_run GROUP BY ALL) GROUP BY address_id),
    drawn AS (SELECT address_id, count(*) AS challenges FROM steps WHERE target_id IS NULL GROUP BY address_id),
    rhythms AS (
      SELECT address_id, any_value(caller_id) AS caller_id, any_value(set_size) AS set_size, count(*) AS runs,
        median(answers / targets) AS reads_each, avg(whole::INTEGER) AS whole_share,
        median(gap_us) FILTER (measured) AS gap_us,
        (quantile_cont(gap_us, 0.75) FILTER (measured) - quantile_cont(gap_us, 0.25) FILTER (measured)) / ${QUARTILES_SD}
          AS gap_spread_us,
        median((end_us - start_us) / gap_us) FILTER (measured) AS busy_share,
        sum(answers) FILTER (start_us >= incident_us) / any_value(set_size) AS sets, min(start_us) AS first_us
      FROM gaps, stretch GROUP BY address_id HAVING count(*) FILTER (whole) >= ${WHOLE_RUNS_MIN}),
    sizes AS (SELECT caller_id, count(*) AS watched FROM watched GROUP BY caller_id)
    SELECT caller, any_value(watched) AS watched, count(*) AS rereading, median(set_size) AS setSize,
      median(runs) AS runsEach, median(reads_each) AS readsEach, median(whole_share) AS wholeShare,
      median(gap_us) / 1000 AS gapMsP50, median(gap_spread_us / gap_us) AS gapVariation, median(busy_share) AS busyShare,
      median(same_order) AS sameOrderShare, median(coalesce(challenges, 0) / sets) AS challengesEach,
      min(first_us) / 1000 AS firstMs
    FROM rhythms JOIN heads USING (address_id) JOIN sizes USING (caller_id) JOIN caller_names USING (caller_id)
      LEFT JOIN drawn USING (address_id)
    GROUP BY caller ORDER BY rereading DESC, caller`,
  kql: ({ fromUs }) => `let @busiest = needs | summarize tries = sum(weight * tries) by caller
    | sort by tries desc, caller asc | take ${CALLERS_MAX} | project caller;
  let @read = @busiest | join kind=rightsemi (requests
    | where isnotempty(caller) and class in (${LIMITED}) and second >= stretch_from and second < stretch_to) on caller
    | project caller, instance, target_id = ${idOf('target')}, at_us, second, status, answered = status != 429 and status >= 0;
  let @since = materialize(@read
    | summarize during = countif(second >= onset - ${LEAD_S} and second < storm_to), before = countif(second < onset - ${LEAD_S})
        by caller
    | project caller, since_second = iff(toreal(during) / (storm_to - onset + ${LEAD_S})
        >= ${CLIMBS_FACTOR} * toreal(before) / max_of(1, onset - ${LEAD_S} - stretch_from), onset - ${LEAD_S}, stretch_from));
  let @watched = materialize(@read | lookup kind=inner (@since) on caller | where second >= since_second
    | summarize requests = count(), answers = countif(answered) by caller, instance, target_id, since_second
    | summarize requests = sum(requests), set_size = count(), answers = max(answers) by caller, instance, since_second
    | sort by caller asc, instance asc
    | extend turn = row_number(1, caller != prev(caller)), so_far = row_cumsum(requests, caller != prev(caller))
    | where turn == 1 or turn <= ${WATCHED_MAX} and so_far <= ${WATCHED_REQUESTS_MAX});
  let @recurring = materialize(@watched | where answers >= ${WHOLE_RUNS_MIN} | project instance, set_size, since_second);
  let @steps = materialize(union
    (@read | lookup kind=inner (@recurring) on instance | where second >= since_second
    | sort by instance asc, at_us asc, target_id asc
    | extend silence_us = iff(instance == prev(instance), at_us - prev(at_us), long(null))
    | project instance, set_size, target_id, at_us, status, answered, silence_us),
    (challenged | project instance = ${idOf('caller', 'address')}, second | lookup kind=inner (@recurring) on instance
    | where second >= since_second
    | project instance, set_size, target_id = -1, at_us = second * 1000000, status = 401, answered = false, silence_us = long(null)));
  let @quiet = materialize(@steps | sort by instance asc, at_us asc, target_id asc
    | extend status_before = iff(instance == prev(instance), prev(status), long(null))
    | extend waits = target_id >= 0 and not(coalesce(status_before == 429 and silence_us <= ${RETRY_WAIT_MAX_US}, false)));
  let @longest = @quiet | where waits and isnotnull(silence_us)
    | sort by instance asc, silence_us desc | extend nth = row_number(1, instance != prev(instance))
    | summarize next_us = maxif(silence_us, nth == 2), third_us = maxif(silence_us, nth == 3) by instance
    | project instance, usual_us = iff(third_us >= ${THIRD_MIN_US}, third_us, next_us);
  let @numbered = materialize(@quiet | lookup kind=leftouter (@longest) on instance
    | extend opens = waits
        and coalesce(silence_us >= max_of(${SILENCE_MIN_US}.0, coalesce(${SILENCE_SHARE} * usual_us, 0.0)), true)
    | sort by instance asc, at_us asc, target_id asc
    | extend run = row_cumsum(iff(opens, 1, 0), instance != prev(instance))
    | where target_id >= 0 | extend order_id = target_id % 4096
    | sort by instance asc, run asc, at_us asc, order_id asc
    | extend another = instance != prev(instance) or run != prev(run)
    | extend place = row_number(1, another), answer = row_cumsum(iff(answered, 1, 0), another));
  let @each_run = materialize(@numbered
    | lookup kind=inner (@numbered | summarize steps = count() by instance, run) on instance, run
    | summarize set_size = take_any(set_size), start_us = min(at_us), end_us = max(at_us),
        quarter_us = maxif(at_us, place == (steps + 3) / 4), answers = countif(answered), undisturbed = countif(status == 429) == 0,
        ${[1, 2, 3].map((n) => `head${n} = maxif(target_id, answered and answer == ${n})`).join(', ')} by instance, run
    | lookup kind=inner (@numbered | distinct instance, run, target_id | summarize targets = count() by instance, run) on instance, run
    | extend whole = targets >= ${WHOLE_SHARE} * set_size, reads_each = toreal(answers) / targets
    | sort by instance asc, run asc
    | extend gap_us = iff(instance == next(instance), next(quarter_us) - quarter_us, long(null)));
  let @gaps = materialize(@each_run
    | lookup kind=inner (@each_run | summarize clear = countif(undisturbed and isnotnull(gap_us)) by instance) on instance
    | extend measured_us = iff(undisturbed or clear < ${WHOLE_RUNS_MIN - 1}, gap_us, long(null))
    | extend busy_share = toreal(end_us - start_us) / measured_us);
  let @heads = @each_run | summarize alike = count() by instance, head1, head2, head3
    | summarize same_order = toreal(max(alike)) / sum(alike) by instance;
  let @drawn = @steps | where target_id < 0 | summarize challenges = count() by instance;
  let @rhythms = materialize(@gaps
    | summarize set_size = take_any(set_size), runs = count(), wholes = countif(whole), whole_share = avg(iff(whole, 1.0, 0.0)),
        later = countif(start_us >= ${fromUs}), later_answers = sum(iff(start_us >= ${fromUs}, answers, 0)), first_us = min(start_us)
        by instance
    | where wholes >= ${WHOLE_RUNS_MIN}
    | lookup kind=inner (${quantiles('@gaps', ['instance'], {
      reads_each: { of: 'reads_each', at: 0.5 },
      gap_us: { of: 'measured_us', at: 0.5 },
      gap25_us: { of: 'measured_us', at: 0.25 },
      gap75_us: { of: 'measured_us', at: 0.75 },
      busy_share: { of: 'busy_share', at: 0.5 },
    })}) on instance
    | lookup kind=inner (@heads) on instance
    | lookup kind=inner (@watched | project instance, caller) on instance
    | lookup kind=leftouter (@drawn) on instance
    | extend gap_variation = (gap75_us - gap25_us) / ${QUARTILES_SD} / gap_us,
        challenges_each = iff(later > 0 and later_answers > 0, toreal(coalesce(challenges, 0)) * set_size / later_answers, real(null)));
  @rhythms | summarize rereading = count(), firstMs = min(first_us) / 1000.0 by caller
  | lookup kind=inner (@watched | summarize watched = count() by caller) on caller
  | lookup kind=inner (${quantiles('@rhythms', ['caller'], {
    setSize: { of: 'set_size', at: 0.5 },
    runsEach: { of: 'runs', at: 0.5 },
    readsEach: { of: 'reads_each', at: 0.5 },
    wholeShare: { of: 'whole_share', at: 0.5 },
    gap: { of: 'gap_us', at: 0.5 },
    gapVariation: { of: 'gap_variation', at: 0.5 },
    busyShare: { of: 'busy_share', at: 0.5 },
    sameOrderShare: { of: 'same_order', at: 0.5 },
    challengesEach: { of: 'challenges_each', at: 0.5 },
  })}) on caller
  | project caller, watched, rereading, setSize, runsEach, readsEach, wholeShare, gapMsP50 = gap / 1000, gapVariation,
      busyShare, sameOrderShare, challengesEach, firstMs
  | sort by rereading desc, caller asc`,
};
