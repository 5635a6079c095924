import type { Resource, Time, Window } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import { BASELINES, type EvidenceKind } from '../kind.ts';
import { AUDIT_EVENT_SETUP } from './sql-audit-event.ts';
import { DERIVED_SETUP, EARLIER_US } from './sql-derived.ts';

const DAY_US = 86_400_000_000;
const WEEK_US = 7 * DAY_US;

/** Kinds that no fragment of this language exists for are left out: their reading is `unsupported`. */
export function composeSql(
  kinds: readonly EvidenceKind[],
  request: { resource: Resource; from: Time; to: Time },
): ComposedQuery {
  const fromUs = Date.parse(request.from) * 1000;
  const toUs = Date.parse(request.to) * 1000;
  return {
    setup: [...AUDIT_EVENT_SETUP, ...DERIVED_SETUP, ...WINDOWS.map(viewOf)],
    statements: kinds.flatMap(({ kind, baseline, sql }) =>
      sql === undefined
        ? []
        : (baseline ? WINDOWS : WINDOWS.slice(0, 1)).map((window) => ({
            kind,
            window,
            text: sql({ requests: viewName(window), window }),
          })),
    ),
    unreadable: 'SELECT unreadable FROM intake',
    // Every value reaches the store as a parameter, so no text of a resource or a payload is ever read as SQL.
    parameters: {
      resource: request.resource.id.toLowerCase(),
      earliest_us: fromUs - EARLIER_US,
      from_us: fromUs,
      to_us: toUs,
      day_from_us: fromUs - DAY_US,
      day_to_us: toUs - DAY_US,
      week_from_us: fromUs - WEEK_US,
      week_to_us: toUs - WEEK_US,
    },
  };
}

const WINDOWS: readonly Window[] = ['incident', ...BASELINES];

function viewName(window: Window): string {
  return `requests_${window.replace('-', '_')}`;
}

function viewOf(window: Window): string {
  return `CREATE VIEW ${viewName(window)} AS SELECT * FROM requests
    WHERE at_us >= (SELECT from_us FROM windows WHERE name = '${window}')
      AND at_us < (SELECT to_us FROM windows WHERE name = '${window}')`;
}
