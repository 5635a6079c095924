import { createFilesReader } from '../../shared/adapters/duckdb/files-reader.ts';
import type { ComposeRequest } from '../../shared/evidence/languages/compose.ts';
import { composeKql } from '../../shared/evidence/languages/kql.ts';
import { composeSql } from '../../shared/evidence/languages/sql.ts';
import type { Row } from '../../shared/model.ts';
import { EVIDENCE_KINDS } from '../../shared/registry.ts';
import { auditLogsRow, diagnosticsRow } from '../../simulation/log-tables.ts';
import { withFiles } from '../shared/evidence/kit.ts';
import { execute, store } from './execute.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS } from './tables.ts';

/** Rows by kind and window, `callers incident`, in the order that they came in. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

/** Kinds that can be asked in both languages. */
export const KINDS = EVIDENCE_KINDS.filter(({ sql, kql }) => sql !== undefined && kql !== undefined);

/**
 * Puts the interpreter's hash where the database has its own, so that ids, and what is ordered or drawn by them, are the
 * same in both languages. As many arguments as any statement has.
 */
const ONE_HASH = `CREATE MACRO hash${Array.from({ length: 12 }, (_, index) => {
  const names = Array.from({ length: index + 1 }, (_, at) => `a${at}`).join(', ');
  return `(${names}) AS md5_number_lower(concat_ws('|', ${names})) & 9007199254740991`;
}).join(', ')}`;

/** What the database says of the lines of an exported log. */
export async function sqlRows(lines: readonly string[], request: ComposeRequest): Promise<Rows> {
  const query = composeSql(KINDS, request);
  const readings = await withFiles({ 'log.json': `${lines.join('\n')}\n` }, (folder) =>
    createFilesReader({ paths: [folder], now: () => 0 }).read({
      ...request,
      window: 'incident',
      query: { ...query, intake: [ONE_HASH, ...(query.intake ?? [])] },
    }),
  );
  return grouped(
    readings.flatMap((reading) => {
      if (reading.state !== 'read') throw new Error(`${reading.kind} was not read: ${JSON.stringify(reading)}`);
      return reading.rows.map((row) => ({ kind: reading.kind, window: reading.window, row }));
    }),
  );
}

/** What the one query for a workspace says of the same lines, in either table. */
export function kqlRows(
  lines: { diagnostics: readonly string[]; auditLogs: readonly string[] },
  request: ComposeRequest,
): Rows {
  const { rows } = execute(composeKql(KINDS, request).together ?? '', [
    store(AZURE_DIAGNOSTICS, lines.diagnostics.map(diagnosticsRow)),
    store(AZKV_AUDIT_LOGS, lines.auditLogs.map(auditLogsRow)),
  ]);
  return grouped(
    rows.map(([kind, window, row]) => ({ kind: String(kind), window: String(window), row: JSON.parse(String(row)) })),
  );
}

function grouped(found: readonly { kind: string; window: string; row: Row }[]): Rows {
  const rows = new Map<string, Row[]>();
  for (const { kind, window, row } of found) {
    const key = `${kind} ${window}`;
    const same = rows.get(key) ?? [];
    same.push(numbered(row));
    rows.set(key, same);
  }
  return rows;
}

/** Said only by a store that samples, which the database never does: 1 stands for all. */
const ALL_ADDRESSES = 'oneAddressIn';

/** Columns of ids, in which only counts that are the same must be the same: each id becomes its place of appearance. */
const IDS: readonly string[] = ['address', 'target'];

function numbered(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name, value]) => name !== ALL_ADDRESSES || value !== 1)
      .map(([name, value]) => {
        if (!IDS.includes(name) || !Array.isArray(value)) return [name, value];
        const places = new Map([...new Set(value)].map((id, place) => [id, place]));
        return [name, value.map((id) => places.get(id) ?? null)];
      }),
  );
}

/** Where two readings differ, in words; nothing where they agree but for the last digits of fractions. */
export function difference(ours: Rows, theirs: Rows): string | null {
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(key) ?? [], theirs.get(key) ?? []];
    if (a.length !== b.length) return `${key}: ${a.length} rows, not ${b.length}: ${short(a)} / ${short(b)}`;
    for (const [index, row] of a.entries()) {
      const other = b[index] ?? {};
      const name = unlike(row, other);
      if (name !== undefined)
        return `${key}: ${name} is ${short(row[name])}, not ${short(other[name])}, in ${short(row)}`;
    }
  }
  return null;
}

function unlike(a: Row, b: Row): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find((name) => !areAlike(a[name], b[name]));
}

/** Of the size of the numbers. */
const TOLERANCE = 1e-9;

function areAlike(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => areAlike(each, b[index]));
  return a === b;
}

function short(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 400) ?? 'nothing';
}
