/**
 * Every bound on text and lists that sources take over from a payload, in one place.
 *
 * Characters are UTF-16 code units. Together they keep one alert under about 60,000 characters, so that an inbox record
 * with its alerts, and an incident with its signals, stay far below the 256 KiB of a record.
 */
export const BOUNDS = {
  /** Alerts in one payload; more are refused as a whole rather than cut, so that none is lost unseen. */
  alerts: 1_000,
  /** Azure allows 260 for a rule name, CloudWatch 255 for an alarm name. */
  nameCharacters: 300,
  /** ARM ids and ARNs: longer ones are no resource, because a cut id would name another one. */
  idCharacters: 1_000,
  descriptionCharacters: 1_000,
  signals: 8,
  /** Metric names and, for log alerts, the query. */
  metricCharacters: 500,
  /** Operators, aggregations, namespaces. */
  wordCharacters: 128,
  dimensions: 8,
  dimensionNameCharacters: 100,
  dimensionValueCharacters: 300,
  /** Entries that the sender chose (properties, labels, annotations, tags). */
  customEntries: 32,
  /** Entries that a source adds from the payload's own fields, on top. */
  factEntries: 16,
  customNameCharacters: 100,
  customValueCharacters: 256,
  links: 5,
  linkLabelCharacters: 60,
  /** Below the 3,000 that a Slack button takes. Longer links are dropped: a cut one leads nowhere. */
  urlCharacters: 2_000,
} as const;
