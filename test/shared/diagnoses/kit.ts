import type { Diagnosis } from '../../../shared/diagnoses/diagnosis.ts';
import type { Cause, Cell, Evidence, Row, SignalState } from '../../../shared/model.ts';
import { published } from '../evidence/kit.ts';

export type Changes = Readonly<Record<string, (row: Row) => Readonly<Record<string, Cell>>>>;

/** The evidence with fields of every row of some kinds changed, in the incident's window only. */
export function changed(evidence: Evidence, changes: Changes): Evidence {
  return {
    ...evidence,
    readings: evidence.readings.map((reading) => {
      const change = changes[reading.kind];
      if (reading.state !== 'read' || change === undefined || reading.window !== 'incident') return reading;
      return { ...reading, rows: reading.rows.map((row) => ({ ...row, ...change(row) })) };
    }),
  };
}

/** The evidence without anything of some kinds. */
export function without(evidence: Evidence, kinds: readonly string[]): Evidence {
  return { ...evidence, readings: evidence.readings.filter(({ kind }) => !kinds.includes(kind)) };
}

export function diagnoseBy(diagnosis: Diagnosis, evidence: Evidence, signals: readonly SignalState[] = []): Cause[] {
  return diagnosis.diagnose({ evidence, limits: published(), signals });
}

/** A change that holds for one caller alone. */
export function ofCaller(
  caller: string,
  fields: Readonly<Record<string, Cell>>,
): (row: Row) => Readonly<Record<string, Cell>> {
  return (row) => (row['caller'] === caller ? fields : {});
}

export function scaled(row: Row, column: string, factor: number): number[] {
  const cell = row[column];
  return Array.isArray(cell) ? cell.map((count) => count * factor) : [];
}
