import type { Resource, Time, Window } from '../../model.ts';
import type { ArchiveQuery, ComposedQuery } from '../../ports.ts';
import { coverage } from '../coverage.ts';
import { BASELINES, type EvidenceKind } from '../kind.ts';
import { EARLIER_US } from './derived-bounds.ts';
import { AUDIT_EVENT_INTAKE, AUDIT_EVENT_SURVEY, REQUESTS } from './sql-audit-event.ts';
import { DERIVED_SETUP, HELD, REFUSALS } from './sql-derived.ts';

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
    intake: AUDIT_EVENT_INTAKE,
    setup: [...REQUESTS, ...DERIVED_SETUP, ...WINDOWS.map(viewOf)],
    held: HELD,
    statements: kinds.flatMap(({ kind, baseline, aroundRefusals, sql }) =>
      sql === undefined
        ? []
        : (baseline ? WINDOWS : WINDOWS.slice(0, 1)).map((window) => ({
            kind,
            window,
            // That a window is empty is said by one kind.
            ...(kind !== coverage.kind && { of: aroundRefusals === true ? REFUSALS : window }),
            text: sql({ requests: viewName(window), window }),
          })),
    ),
    unreadable: AUDIT_EVENT_SURVEY.unreadable,
    parameters: {
      resource: request.resource.id.toLowerCase(),
      ...partOf({ fromUs, toUs, vaults: [request.resource.id] }),
    },
  };
}

/**
 * The intake of every vault that the files hold, or of those named, by name or resource id.
 *
 * @param asked `from` and `to` bound the records, half-open; what lies up to the baselines before is held as well
 */
export function composeArchive(asked: { from?: Time; to?: Time; vaults?: readonly string[] }): ArchiveQuery {
  const fromUs = asked.from === undefined ? EARLIEST_US : Date.parse(asked.from) * 1000;
  const toUs = asked.to === undefined ? LATEST_US : Date.parse(asked.to) * 1000;
  return {
    intake: AUDIT_EVENT_INTAKE,
    ...AUDIT_EVENT_SURVEY,
    parameters: partOf({ fromUs, toUs, vaults: asked.vaults ?? [] }),
  };
}

/** Years 0 and 9999: whole microseconds that a number still holds exactly enough. */
const EARLIEST_US = -62_000_000_000_000_000;
const LATEST_US = 253_000_000_000_000_000;

/** Every value reaches the store as a parameter, so no text of a resource or a payload is ever read as SQL. */
function partOf(part: { fromUs: number; toUs: number; vaults: readonly string[] }): Record<string, string | number> {
  const { fromUs, toUs, vaults } = part;
  return {
    vaults: vaults.length === 0 ? '' : `|${vaults.map((vault) => vault.toLowerCase()).join('|')}|`,
    earliest_us: fromUs - EARLIER_US,
    from_us: fromUs,
    to_us: toUs,
    day_from_us: fromUs - DAY_US,
    day_to_us: toUs - DAY_US,
    week_from_us: fromUs - WEEK_US,
    week_to_us: toUs - WEEK_US,
  };
}

const WINDOWS: readonly Window[] = ['incident', ...BASELINES];

function viewName(window: Window): string {
  return `requests_${window.replace('-', '_')}`;
}

function viewOf(window: Window): string {
  return `CREATE OR REPLACE VIEW ${viewName(window)} AS SELECT * FROM requests
    WHERE at_us >= (SELECT from_us FROM windows WHERE name = '${window}')
      AND at_us < (SELECT to_us FROM windows WHERE name = '${window}')`;
}
