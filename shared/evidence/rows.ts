import * as z from 'zod/mini';
import type { Evidence, Reading, Row, Window } from '../model.ts';
import { BASELINES, type EvidenceKind } from './kind.ts';

/** The rows of one kind and window; null when it could not be read, or was never asked. */
export function rowsOf<R extends Row>(
  evidence: Evidence,
  kind: EvidenceKind<R>,
  window: Window = 'incident',
): R[] | null {
  const reading = readingOf(evidence, kind.kind, window);
  return reading?.state === 'read' && areRowsOf(reading.rows, kind) ? reading.rows : null;
}

/** What rows were found to be: they are checked once, however many rules look at them. */
const KNOWN = new WeakMap<readonly Row[], { kind: EvidenceKind; fits: boolean }>();

/** Whether rows have the shape of a kind's; they must not change afterwards. */
export function areRowsOf<R extends Row>(rows: Row[], kind: EvidenceKind<R>): rows is R[] {
  const known = KNOWN.get(rows);
  if (known?.kind === kind) return known.fits;
  const fits = z.safeParse(z.array(kind.row), rows).success;
  KNOWN.set(rows, { kind, fits });
  return fits;
}

/** The reading of one kind and window that has most to say: one that was read before one that was not. */
function readingOf(evidence: Evidence, kind: string, window: Window = 'incident'): Reading | undefined {
  const readings = evidence.readings.filter((reading) => reading.kind === kind && reading.window === window);
  return readings.find((reading) => reading.state === 'read') ?? readings[0];
}

/** The best baseline that was read for a kind; null when no store holds one. */
export function baselineOf(evidence: Evidence, kind: string): Window | null {
  return BASELINES.find((window) => readingOf(evidence, kind, window)?.state === 'read') ?? null;
}
