import { FOLLOWS_WITHIN_US } from './derived-bounds.ts';
import { ADDRESSED, bothTables, EPOCH, EVENT, KEY_CLASS, operationClass } from './kql-tables.ts';
import { following, idOf } from './kql-text.ts';
import { kustoTime } from './kusto-literal.ts';

/** Above this many lines addresses are drawn (field-notes 7): what is kept of a line is some 300 bytes, and a query has 5 GB. */
export const LINES_MAX = 2_000_000;
/** An address with more than this part of all lines is always among them: one behind which a fleet asks must not be missed. */
const CROWDED_SHARE = 1 / 200;

/** Half-open, in milliseconds since the epoch. */
export type Span = { fromMs: number; toMs: number };

/**
 * `density(second, of_table, lines, refused, logged)` counts the lines of each second: a first look over what there is, from
 * which bounds come before anything else is worked out.
 *
 * @param spans what is read, and nothing else: the time ranges stand in the text
 * @param window the incident's, for `refused`; `logged` counts from `earliestMs` to its end
 */
export function linesText(options: {
  resource: string;
  spans: readonly Span[];
  window: Span;
  earliestMs: number;
}): string {
  const { resource, spans, window, earliestMs } = options;
  const inTime = `(${spans
    .map(({ fromMs, toMs }) => `TimeGenerated >= ${kustoTime(fromMs)} and TimeGenerated < ${kustoTime(toMs)}`)
    .join(' or ')})`;
  const until = kustoTime(window.toMs);
  return `let lines = ${bothTables({ resource, inTime })}
  | extend at_us = datetime_diff('microsecond', at, ${EPOCH}), status = coalesce(tolong(toreal(status_text)), -1)
  | extend second = at_us / 1000000, minute = at_us / 60000000;
let density = materialize(lines
  | summarize lines = count(), refused = countif(status == 429 and at >= ${kustoTime(window.fromMs)} and at < ${until}),
      logged = countif(at >= ${kustoTime(earliestMs)} and at < ${until}) by second, minute, of_table);
let fuller = density
  | summarize one = sum(iff(of_table == 1, lines, 0)), other = sum(iff(of_table == 2, lines, 0)) by minute
  | project minute, of_table = iff(one >= other, 1, 2);`;
}

const ROUTE = idOf('address', 'client', 'target');
const ROUTES = idOf('address', 'client');

/**
 * The canonical relation of one vault, `requests(at_us, second, caller, application, object, person, address, client,
 * operation, class, key_class, target, status, duration_ms, event, copies, weight, inferred, need, instance)`, times in
 * microseconds and seconds since the epoch, from either table of a workspace or both: of each minute, the one that holds more.
 * Status comes only from `httpStatusCode` (field-notes 3) and is -1 where there is none; texts that are not there are
 * empty, as Kusto knows no null among texts.
 *
 * Refusals without identity get the caller of the next authenticated request of the same address, client and target, or
 * the only caller that this address and client have; else they stay without (field-notes 4). Above `linesMax` lines one address
 * in `one_in` stands for as many, which is the `weight` of its requests.
 */
export function requestsText(linesMax: number): string {
  return `let crowded = lines | where one_in > 1
  | summarize lines = count() by address | where lines > ${Math.ceil(linesMax * CROWDED_SHARE)} * one_in | project address, crowded = true;
let told = materialize(lines
  | lookup kind=inner fuller on minute, of_table
  | lookup kind=leftouter crowded on address
  | extend weight = iff(one_in == 1 or crowded == true, 1, one_in)
  | where weight == 1 or ${idOf('address')} % one_in == 0
  | extend event = ${EVENT}
  | summarize copies = count(), arg_min(status, *) by event
  | extend parts = ${ADDRESSED}, key_type = toupper(key_type), application = tolower(application), object = tolower(object)
  | project event, copies, weight, at_us, second, address, client, operation, status, application, object, person,
      caller = tolower(iff(isempty(person), coalesce(application, object), coalesce(object, person))),
      class = ${operationClass()},
      key_class = ${KEY_CLASS},
      target = trim('/', strcat(tostring(parts[3]), '/', tostring(parts[4]))),
      duration_ms = max_of(0, coalesce(tolong(duration_text), 0)));
let nameless = materialize(told | where status == 429 and isempty(caller)
  | project event, at_us, route = ${ROUTE}, routes = ${ROUTES});
${following({
  name: 'heirs',
  marks: 'nameless',
  later: `nameless | join kind=rightsemi (told | where isnotempty(caller) | extend route = ${ROUTE}) on route
      | project at_us, heir = caller, route`,
  by: 'route',
})}
  | where heir_us - at_us <= ${FOLLOWS_WITHIN_US} | project event, heir;
let sole = nameless | join kind=rightsemi (told | where isnotempty(caller) | extend routes = ${ROUTES}) on routes
  | summarize by routes, caller | summarize callers = count(), only_one = take_any(caller) by routes | where callers == 1;
let heirs_found = nameless | join kind=leftouter heirs on event | join kind=leftouter sole on routes
  | project event, heir = coalesce(heir, only_one);
let requests = materialize(union
  (told | where not(status == 429 and isempty(caller)) | extend inferred = false),
  (heirs_found | join kind=inner (told | where status == 429 and isempty(caller) | project-away caller) on event
  | extend caller = heir, inferred = isnotempty(heir) | project-away heir, event1)
  | extend instance = ${idOf('caller', 'address')}, need = ${idOf('caller', 'address', 'target')});`;
}
