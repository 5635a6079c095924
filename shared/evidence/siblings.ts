import type { Evidence } from '../model.ts';
import type { EvidenceKind } from './kind.ts';
import { rowsOf } from './rows.ts';
import { type SeriesRow, seriesRow } from './series-row.ts';

const VAULTS = 'microsoft.keyvault/vaults';
const REFUSED = '429';

/**
 * What all vaults of the subscription in the same region answered, minute by minute and by status, the watched one among
 * them: whether they met the limit that they share (field-notes 14).
 */
export const siblings: EvidenceKind<SeriesRow> = {
  kind: 'siblings',
  row: seriesRow,
  baseline: false,
  about: ({ type }) => type.toLowerCase() === VAULTS,
  azureMetrics: {
    of: 'siblings',
    namespace: VAULTS,
    metrics: [{ name: 'ServiceApiResult', aggregation: 'count', splitBy: 'StatusCode' }],
  },
};

/** Counts of one vault, minute by minute. */
export type SiblingLoad = { resource: string; served: number[]; refused: number[] };

/** What each vault answered, since `fromMinute` of the epoch; null when the metrics could not be read or know of nothing. */
export function siblingsIn(evidence: Evidence): { fromMinute: number; minutes: number; vaults: SiblingLoad[] } | null {
  const rows = rowsOf(evidence, siblings) ?? [];
  const [first] = rows;
  if (first === undefined) return null;
  const minutes = first.perMinute.length;
  const vaults = new Map<string, SiblingLoad>();
  for (const { resource, split, perMinute } of rows) {
    const vault = vaults.get(resource) ?? {
      resource,
      served: new Array<number>(minutes).fill(0),
      refused: new Array<number>(minutes).fill(0),
    };
    vaults.set(resource, vault);
    const counts = split === REFUSED ? vault.refused : vault.served;
    for (const [minute, count] of perMinute.entries()) counts[minute] = (counts[minute] ?? 0) + count;
  }
  return { fromMinute: first.fromMinute, minutes, vaults: [...vaults.values()] };
}
