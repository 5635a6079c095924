/** So long before the first refusal a rhythm or a fall is looked for. */
export const STRETCH_LEAD_S = 7_200;
/** What loops or polls goes on after its last refusal, and shows its rhythm only then. */
export const STRETCH_TAIL_S = 900;

/**
 * The fragments that give `stretch(from_second, to_second, onset_second, over_second, incident_us)`: one row, the unbroken time
 * around the refusals that the log holds, from at most two hours before the first of them; none where nothing was refused.
 */
export const STRETCH = `allowed AS (
      SELECT greatest(min(from_us) // 1000000, any_value(onset) - ${STRETCH_LEAD_S}) AS earliest_second,
        least(any_value(to_second) + ${STRETCH_TAIL_S}, max(to_us) FILTER (name = 'incident') // 1000000) AS to_second,
        any_value(onset) AS onset_second, any_value(to_second) AS over_second,
        min(from_us) FILTER (name = 'incident') AS incident_us
      FROM windows, storm WHERE name IN ('incident', 'hour-before') AND onset IS NOT NULL HAVING count(*) > 0),
    stretch AS (
      SELECT (SELECT min(second) FROM requests, allowed WHERE second >= earliest_second) AS from_second,
        to_second, onset_second, over_second, incident_us FROM allowed)`;
