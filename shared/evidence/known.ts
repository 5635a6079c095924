import type { Reading, Row } from '../model.ts';
import { type CallerRow, callers } from './callers.ts';
import type { EvidenceKind } from './kind.ts';
import { owners } from './owners.ts';
import { areRowsOf } from './rows.ts';

/** What was read so far that a later question names: lower-cased, each once. */
export type Known = {
  /** Object and app ids of callers that are no people. */
  identities: readonly string[];
  /** Ids of the resources whose identities these are. */
  resources: readonly string[];
};

/** The callers that a message may name: who asked most, and who was refused most. */
const CALLERS_EACH = 10;
const RESOURCES_MAX = 30;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the readings of the incident name; nothing where they could not be read. */
export function knownFrom(readings: readonly Reading[]): Known {
  const asked = rowsIn(readings, callers).filter(({ kind }) => kind !== 'user');
  const most = (by: (row: CallerRow) => number) => asked.toSorted((a, b) => by(b) - by(a)).slice(0, CALLERS_EACH);
  const named = [...most(({ requests }) => requests), ...most(({ refused }) => refused)];
  const ids = named.flatMap(({ appId, objectId }) => [appId, objectId]).map((id) => id?.toLowerCase() ?? '');
  const resources = rowsIn(readings, owners).map(({ resource }) => resource.toLowerCase());
  return {
    identities: [...new Set(ids.filter((id) => GUID.test(id)))],
    resources: [...new Set(resources)].slice(0, RESOURCES_MAX),
  };
}

function rowsIn<R extends Row>(readings: readonly Reading[], kind: EvidenceKind<R>): R[] {
  return readings.flatMap((reading) =>
    reading.kind === kind.kind &&
    reading.window === 'incident' &&
    reading.state === 'read' &&
    areRowsOf(reading.rows, kind)
      ? reading.rows
      : [],
  );
}
