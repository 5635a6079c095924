import { describe, expect, test } from 'vitest';
import { MAX_RECORD_BYTES } from '../../../shared/adapters/bounds.ts';
import { acceptAlert } from '../../../shared/incidents/accept.ts';
import { RULE_BYTES } from '../../../shared/incidents/bound-detail.ts';
import { FITTING_BYTES, fitRecord } from '../../../shared/incidents/fit-record.ts';
import { decideOutcomes } from '../../../shared/incidents/outcome.ts';
import { type IncidentRecord, isPosted, MAX_LEDGER, withLedger } from '../../../shared/incidents/record.ts';
import { MAX_RULES } from '../../../shared/incidents/rules.ts';
import type { Alert, Finding, LedgerEntry } from '../../../shared/model.ts';
import { BOUNDS } from '../../../shared/sources/bounds.ts';
import { alertOf, at, incidentOf, REFUSALS } from './alerts.ts';

const TOLD = { now: at(0), inMaintenance: false, destinations: ['terminal'] };

/** Three bytes a character, as long as the sources let it be. */
function longText(characters: number, tail = ''): string {
  return '警'.repeat(characters - tail.length) + tail;
}

/** The largest alert that sources make, of its own rule and instance. */
function largestAlert(i: number): Alert {
  const name = longText(BOUNDS.nameCharacters, String(i));
  const pairs = (count: number, nameCharacters: number, valueCharacters: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [longText(nameCharacters, String(n)), longText(valueCharacters)]),
    );
  return {
    ...alertOf({
      rule: name,
      instance: longText(BOUNDS.idCharacters, String(i)),
      id: String(i).padStart(16, '0'),
      seconds: i,
    }),
    ruleId: longText(BOUNDS.idCharacters, String(i)),
    description: longText(BOUNDS.descriptionCharacters),
    signals: Array.from({ length: BOUNDS.signals }, () => ({
      metric: longText(BOUNDS.metricCharacters),
      namespace: longText(BOUNDS.wordCharacters),
      operator: longText(BOUNDS.wordCharacters),
      aggregation: longText(BOUNDS.wordCharacters),
      dimensions: pairs(BOUNDS.dimensions, BOUNDS.dimensionNameCharacters, BOUNDS.dimensionValueCharacters),
    })),
    links: Array.from({ length: BOUNDS.links }, () => ({
      label: longText(BOUNDS.linkLabelCharacters),
      url: `https://example.com/${'x'.repeat(BOUNDS.urlCharacters - 20)}`,
    })),
    custom: {
      ...pairs(
        BOUNDS.customEntries + BOUNDS.factEntries - 1,
        BOUNDS.customNameCharacters,
        BOUNDS.customValueCharacters,
      ),
      team: 'platform',
    },
  };
}

function findingOf(kind: string, victims: number): Finding {
  const caller = (n: number): Finding['victims'][number] => ({
    id: `${kind}-${n}`,
    kind: 'application',
    displayName: longText(100),
    addresses: 1,
  });
  return {
    kind,
    verdict: 'likely',
    role: 'trigger',
    confidence: 1,
    explains: 1,
    victims: Array.from({ length: victims }, (_, n) => caller(n)),
    facts: [],
    summary: longText(200),
    fixes: [],
  };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe('an incident’s record', () => {
  test('has room for findings and a chart, whatever hundreds of the largest alerts bring', () => {
    const alerts = [
      ...Array.from({ length: 600 }, (_, i) => alertOf({ instance: `i${i}`, seconds: i })),
      ...Array.from({ length: MAX_RULES * 2 }, (_, i) => largestAlert(600 + i)),
    ];
    const taken = alerts.reduce(
      (record, alert) => decideOutcomes(acceptAlert(record, alert), TOLD),
      incidentOf(largestAlert(0)),
    );
    const line = (step: LedgerEntry['step']): LedgerEntry => ({ at: at(0), step, note: longText(1_000) });
    const full = Array.from({ length: MAX_LEDGER }, () => line('failed')).reduce(withLedger, taken);
    expect(full.signals).toHaveLength(MAX_RULES);
    expect(bytesOf({ ...full, rules: {}, signals: [] })).toBeLessThan(MAX_RECORD_BYTES * 0.6);
    expect(bytesOf(full)).toBeLessThan(MAX_RECORD_BYTES * 0.8);
  });

  test('gives up the findings that were ranked last rather than not fit into its store', () => {
    const full = incidentOf(...Array.from({ length: MAX_RULES }, (_, i) => largestAlert(i)));
    const findings = Array.from({ length: 40 }, (_, i) => findingOf(`finding-${i}`, i === 0 ? 500 : 10));
    const fitting = fitRecord({ ...full, findings });
    expect(bytesOf(fitting)).toBeLessThanOrEqual(FITTING_BYTES);
    expect(bytesOf(fitting)).toBeGreaterThan(FITTING_BYTES * 0.9);
    expect(fitting.findings.map(({ kind }) => kind)).toEqual(
      findings.slice(0, fitting.findings.length).map(({ kind }) => kind),
    );
    expect(fitting.findings.length).toBeGreaterThan(3);
    expect(fitting.findings[0]?.victims).toHaveLength(12);
    expect({ ...fitting, findings: [] }).toEqual(full);
  });

  test('keeps all findings while they fit', () => {
    const record = { ...incidentOf(alertOf()), findings: [findingOf('one', 3), findingOf('two', 3)] };
    expect(fitRecord(record)).toBe(record);
  });

  test('keeps an alert as it is while it is of usual size', () => {
    const alert = alertOf({ custom: { team: 'platform' } });
    expect(incidentOf(alert).signals).toMatchObject([
      { signals: alert.signals, custom: alert.custom, instance: alert.instance },
    ]);
  });

  test('cuts a large alert to its share, and keeps what routes look at', () => {
    const [rule] = Object.values(incidentOf(largestAlert(1)).rules);
    expect(bytesOf(rule)).toBeLessThanOrEqual(RULE_BYTES);
    expect(rule?.custom['team']).toBe('platform');
    expect(rule?.rule.startsWith('警警警')).toBe(true);
    expect(rule?.rule.endsWith('…')).toBe(true);
  });

  test('shows the rules that hold it open before those heard of last', () => {
    const held = alertOf({ rule: 'holds it open', seconds: 0 });
    const others = Array.from({ length: MAX_RULES + 5 }, (_, i) => [
      alertOf({ rule: `r${i}`, seconds: i + 1 }),
      alertOf({ rule: `r${i}`, seconds: i + 1, state: 'resolved' }),
    ]).flat();
    const { signals, lifecycle } = incidentOf(held, ...others);
    expect(lifecycle).toEqual({ state: 'open' });
    expect(signals).toHaveLength(MAX_RULES);
    expect(signals.filter(({ state }) => state === 'fired').map(({ rule }) => rule)).toEqual(['holds it open']);
    expect(signals.some(({ rule }) => rule === 'r0')).toBe(false);
  });

  test('knows what a rule’s hundredth instance does', () => {
    const fired = Array.from({ length: 100 }, (_, i) => alertOf({ instance: `i${i}`, seconds: i }));
    const resolved = fired
      .slice(1)
      .map(({ instance }, i) => alertOf({ instance, state: 'resolved', seconds: 200 + i }));
    expect(incidentOf(...fired, ...resolved).signals).toMatchObject([
      { state: 'fired', firedAt: at(0), signals: [REFUSALS] },
    ]);
  });
});

describe('the ledger', () => {
  const edited = (n: number): LedgerEntry => ({ at: at(n), step: 'edited', note: String(n) });

  test('forgets the oldest edit first', () => {
    const posted = withLedger(incidentOf(alertOf()), { at: at(0), step: 'posted' });
    const full = Array.from({ length: MAX_LEDGER }, (_, n) => edited(n)).reduce(withLedger, posted);
    expect(full.ledger).toHaveLength(MAX_LEDGER);
    expect(full.ledger.slice(0, 3).map(({ step, note }) => [step, note])).toEqual([
      ['received', undefined],
      ['posted', undefined],
      ['edited', '2'],
    ]);
  });

  test('without edits forgets the oldest line but the first', () => {
    const lines = Array.from({ length: MAX_LEDGER }, (_, n): LedgerEntry => ({ at: at(n), step: 'reopened' }));
    const { ledger } = lines.reduce(withLedger, incidentOf(alertOf()));
    expect([ledger.length, ledger[0]?.step, ledger[1]?.at]).toEqual([MAX_LEDGER, 'received', at(1)]);
  });
});

describe('whether an incident is told to anyone', () => {
  const record: IncidentRecord = incidentOf(alertOf());

  test.each([
    [false, record],
    [false, { ...record, acceptedEarlier: { joined: 3 } }],
    [true, { ...record, acceptedEarlier: { posted: 1 } }],
    [true, decideOutcomes(record, TOLD)],
  ])('%s', (posted, one) => {
    expect(isPosted(one)).toBe(posted);
  });
});
