import type { Time, Window } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import { BASELINES, type EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { EARLIER_US } from './derived-bounds.ts';
import { composeCoarseKql } from './kql-coarse.ts';
import { derivedText, stormText } from './kql-derived.ts';
import { packed } from './kql-pack.ts';
import { LINES_MAX, linesText, requestsText, type Span } from './kql-requests.ts';
import { namedIn, statementsOf } from './kql-text.ts';

const DAY_MS = 86_400_000;
const DAYS_BEFORE: Readonly<Partial<Record<Window, number>>> = { 'day-before': 1, 'week-before': 7 };

/**
 * One query for a workspace that holds either table of audit records, or both: what is derived is worked out once, each
 * kind and window is a branch over it, and `together` packs the rows of all into one column, since a union renames
 * columns of unlike types; there they stand in order, as each branch sorts them. Kinds that no fragment of this language exists
 * for are left out.
 *
 * `windows` of the request says which are asked. The hour before the incident is read with it, as what is derived looks back
 * so far; the same hours of other days only where their window is asked.
 *
 * Rows are those that SQL gives from the same records, medians and counts exactly. Only what stands for a name by a
 * hash differs, as the languages hash differently: the ids in `attempts`, the second in which a cell of `load` begins, and
 * which is first of two things at the same microsecond.
 */
export function composeKql(
  kinds: readonly EvidenceKind[],
  request: ComposeRequest,
  linesMax = LINES_MAX,
): ComposedQuery {
  const asked = request.windows ?? WINDOWS;
  const setup = statementsOf(setupText(request, asked, linesMax));
  const parts = kinds.flatMap((kind) => {
    const { kql } = kind;
    if (kql === undefined) return [];
    return WINDOWS.filter((window) => asked.includes(window) && (kind.baseline || window === 'incident')).map(
      (window) => {
        const requests = `(requests | where ${within(window, request)})`;
        const text = kql({ requests, ...boundsOf(window, request), window });
        return { kind, window, ...ownNames(text, `${kind.kind}_${window}`.replaceAll('-', '_')) };
      },
    );
  });
  const relations = parts.map((part) => part.relations).join('');
  const branches = parts.map(
    ({ kind, window, rows }) =>
      `(${rows}\n  | serialize place = row_number(1)
  | project ['kind'] = '${kind.kind}', window = '${window}', row = ${packed(kind)}, place)`,
  );
  return {
    setup: [],
    statements: parts.map((part) => ({
      kind: part.kind.kind,
      window: part.window,
      text: `${namedIn(part.relations + part.rows, setup)}\n${part.relations}${part.rows}`,
    })),
    ...(parts.length > 0 && {
      together: `${namedIn(relations + branches.join(), setup)}\n${relations}union\n${branches.join(',\n')}\n| sort by ['kind'] asc, window asc, place asc | project-away place`,
      coarse: composeCoarseKql(kinds, request),
    }),
    parameters: {},
  };
}

/** A fragment's own relations, marked by `@`, under names that no other fragment has; its rows are what comes after them. */
function ownNames(fragment: string, name: string): { relations: string; rows: string } {
  const text = fragment.replace(/@(\w+)/g, `${name}_$1`);
  const end = text.lastIndexOf(';\n') + 1;
  return { relations: end === 0 ? '' : `${text.slice(0, end)}\n`, rows: text.slice(end).trim() };
}

const WINDOWS: readonly Window[] = ['incident', ...BASELINES];

function setupText({ resource, from, to }: ComposeRequest, asked: readonly Window[], linesMax: number): string {
  const window = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  const earliestMs = window.fromMs - EARLIER_US / 1000;
  const spans: Span[] = [{ fromMs: earliestMs, toMs: window.toMs }];
  for (const each of asked) {
    const days = DAYS_BEFORE[each];
    if (days === undefined) continue;
    spans.push({ fromMs: window.fromMs - days * DAY_MS, toMs: window.toMs - days * DAY_MS });
  }
  const inUs = { fromUs: window.fromMs * 1000, toUs: window.toMs * 1000 };
  return [
    linesText({ resource: resource.id.toLowerCase(), spans, window, earliestMs }),
    stormText({ ...inUs, linesMax }),
    requestsText(linesMax),
    derivedText(inUs),
  ].join('\n');
}

/** Microseconds since the epoch, as text of the query. */
function boundsOf(window: Window, { from, to }: { from: Time; to: Time }): { fromUs: string; toUs: string } {
  if (window === 'hour-before') return { fromUs: 'hour_from_us', toUs: 'hour_to_us' };
  const backMs = (DAYS_BEFORE[window] ?? 0) * DAY_MS;
  return { fromUs: `${(Date.parse(from) - backMs) * 1000}`, toUs: `${(Date.parse(to) - backMs) * 1000}` };
}

function within(window: Window, request: { from: Time; to: Time }): string {
  const { fromUs, toUs } = boundsOf(window, request);
  return `at_us >= ${fromUs} and at_us < ${toUs}`;
}
