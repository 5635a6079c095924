/** So long before the first refusal a rhythm or a fall is looked for. */
const LEAD_S = 7_200;

/**
 * The fragment `stretch(from_second, to_second, incident_us)`: one row, the unbroken time around the refusals that the store
 * was read for, from two hours before the first of them; none where nothing was refused.
 */
export const STRETCH = `stretch AS (
      SELECT greatest(min(from_us) // 1000000, any_value(onset) - ${LEAD_S}) AS from_second, any_value(to_second) AS to_second,
        min(from_us) FILTER (name = 'incident') AS incident_us
      FROM windows, storm WHERE name IN ('incident', 'hour-before') AND onset IS NOT NULL HAVING count(*) > 0)`;
