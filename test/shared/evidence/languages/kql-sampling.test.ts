import { describe, expect, test } from 'vitest';
import { attempts } from '../../../../shared/evidence/attempts.ts';
import { callers } from '../../../../shared/evidence/callers.ts';
import { coverage } from '../../../../shared/evidence/coverage.ts';
import type { EvidenceKind } from '../../../../shared/evidence/kind.ts';
import { composeKql } from '../../../../shared/evidence/languages/kql.ts';
import { timeline } from '../../../../shared/evidence/timeline.ts';
import { auditLogsRow } from '../../../../simulation/log-tables.ts';
import { execute, store } from '../../../kql/execute.ts';
import { AZKV_AUDIT_LOGS } from '../../../kql/tables.ts';
import { FROM, line, TO, VAULT } from '../kit.ts';

const KINDS: readonly EvidenceKind[] = [coverage, timeline, callers, attempts];

/** A fleet of 400 addresses that ask once, and one address that asks a hundred times, three of them refused. */
const LOG = store(
  AZKV_AUDIT_LOGS,
  [
    ...Array.from({ length: 400 }, (_, at) => line({ at, appId: 'fleet', address: `10.0.${at >> 8}.${at & 255}` })),
    ...Array.from({ length: 100 }, (_, at) =>
      line({ at, appId: 'busy', address: '10.9.9.9', status: at < 3 ? 429 : 200 }),
    ),
  ].map(auditLogsRow),
);

function ask(linesMax: number): Record<string, Record<string, unknown>[]> {
  const request = { resource: VAULT, from: FROM, to: TO, windows: ['incident'] as const };
  const rows: Record<string, Record<string, unknown>[]> = {};
  for (const [kind, , row] of execute(composeKql(KINDS, request, linesMax).together ?? '', [LOG]).rows) {
    rows[String(kind)] ??= [];
    rows[String(kind)]?.push(JSON.parse(String(row)));
  }
  return rows;
}

const requestsOf = (rows: Record<string, unknown>[] | undefined, caller: string): unknown =>
  rows?.find((row) => row['caller'] === caller)?.['requests'];

describe('a log of more lines than are read', () => {
  const half = ask(250);

  test('is told from one address in as many, each standing for all', () => {
    expect(half['coverage']).toEqual([expect.objectContaining({ oneAddressIn: 2 })]);
    const fleet = Number(requestsOf(half['callers'], 'fleet'));
    expect(fleet % 2).toBe(0);
    expect(fleet).toBeGreaterThan(400 * 0.8);
    expect(fleet).toBeLessThan(400 * 1.2);
  });

  test('keeps the address that much comes from, exactly', () => {
    expect(requestsOf(half['callers'], 'busy')).toBe(100);
    const refused = half['timeline']?.find((row) => row['outcome'] === 'refused')?.['perSecond'];
    expect(refused).toEqual([1, 1, 1, ...Array.from({ length: 1_197 }, () => 0)]);
  });

  test('gives no list of tries, of which some would miss', () => {
    expect(half['attempts']).toBeUndefined();
  });
});

test('a log of as many lines as are read is read whole', () => {
  const whole = ask(500);
  expect(whole['coverage']).toEqual([expect.objectContaining({ oneAddressIn: 1, requests: 500 })]);
  expect(requestsOf(whole['callers'], 'fleet')).toBe(400);
  expect(whole['attempts']?.length).toBeGreaterThan(0);
});
