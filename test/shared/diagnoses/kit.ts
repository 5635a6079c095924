import { expect } from 'vitest';
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

/** The evidence with other rows of one kind, in the incident's window only. */
export function withRows(evidence: Evidence, kind: string, rows: readonly Row[]): Evidence {
  return {
    ...evidence,
    readings: evidence.readings.map((reading) =>
      reading.kind === kind && reading.window === 'incident' && reading.state === 'read'
        ? { ...reading, rows: [...rows] }
        : reading,
    ),
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

/** Every fact of what is said names a kind that the diagnosis needs, and a column that its rows have. */
export function expectFactsToHold(diagnosis: Diagnosis, evidence: Evidence): void {
  const [cause] = diagnoseBy(diagnosis, evidence);
  expect(cause?.facts.length).toBeGreaterThan(3);
  for (const { from } of cause?.facts ?? []) {
    const reading = evidence.readings.find(({ kind, window }) => kind === from.kind && window === from.window);
    const where = `${from.kind}.${from.column}`;
    expect(reading?.state === 'read' && reading.rows.some((row) => from.column in row), where).toBe(true);
    expect(diagnosis.needs, where).toContain(from.kind);
  }
}
