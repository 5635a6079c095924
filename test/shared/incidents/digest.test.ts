import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestIdOf, digestWeek, openDigest, summariseWeek } from '../../../shared/incidents/digest.ts';
import { type IncidentRecord, newRecord } from '../../../shared/incidents/record.ts';
import type { Outcome, SignalState } from '../../../shared/model.ts';
import { VAULT } from '../chat/incidents.ts';

describe('the week of a digest', () => {
  test.each([
    ['2026-11-23T09:00:00.000Z', 'UTC', '2026-11-16T09:00:00.000Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T08:59:59.999Z', 'UTC', '2026-11-09T09:00:00.000Z', '2026-11-16T09:00:00.000Z'],
    ['2026-11-29T23:00:00.000Z', 'UTC', '2026-11-16T09:00:00.000Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T08:00:00.000Z', 'Europe/Paris', '2026-11-16T08:00:00.000Z', '2026-11-23T08:00:00.000Z'],
    // Clocks went back on Sunday: the week has an hour more.
    ['2026-10-26T12:00:00.000Z', 'Europe/Paris', '2026-10-19T07:00:00.000Z', '2026-10-26T08:00:00.000Z'],
    ['2026-11-22T23:30:00.000Z', 'Asia/Tokyo', '2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ])('at %s in %s is from %s to %s', (at, zone, from, to) => {
    expect(digestWeek(at, zone)).toEqual({ from, to });
  });

  test('is the same for everyone until the next has begun, and weeks leave nothing out', () => {
    const at = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(at, fc.constantFrom('UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kolkata'), (when, zone) => {
        const week = digestWeek(when.toISOString(), zone);
        expect(week.to <= when.toISOString()).toBe(true);
        expect(digestWeek(week.to, zone)).toEqual(week);
        const before = digestWeek(new Date(Date.parse(week.to) - 1).toISOString(), zone);
        expect(before.to).toBe(week.from);
        expect(digestIdOf(before)).not.toBe(digestIdOf(week));
      }),
      { numRuns: 50 },
    );
  });
});

const WEEK = { from: '2026-11-16T09:00:00.000Z', to: '2026-11-23T09:00:00.000Z' };

function hits(value: number): SignalState {
  return {
    instance: 'i',
    rule: 'hits',
    source: 'azure',
    category: 'metric',
    severity: 4,
    state: 'fired',
    firedAt: '2026-11-18T10:00:00.000Z',
    description: '',
    signals: [
      {
        metric: 'ServiceApiHit',
        namespace: 'Microsoft.KeyVault/vaults',
        value,
        threshold: 1500,
        windowSeconds: 60,
        dimensions: {},
      },
    ],
    links: [],
    custom: {},
  };
}

function heard(name: string, outcomes: Outcome[], more: Partial<IncidentRecord> = {}): IncidentRecord {
  const at = '2026-11-18T10:00:00.000Z';
  const resource = { ...VAULT, id: `/vaults/${name}`, name };
  const identity = { id: name, fingerprint: name, family: 'throttle', resource, openedAt: at, severity: 3 as const };
  const accepted = outcomes.map((outcome, index) => ({
    id: `${name}-${index}`,
    state: 'fired' as const,
    at,
    receivedAt: at,
    outcome,
  }));
  return { ...newRecord({ ...identity, verified: true }, at), accepted, ...more };
}

describe('a digest', () => {
  test('counts each incident once, by the most that anybody was told of it', () => {
    const digest = summariseWeek(
      [
        heard('kv-told', ['posted', 'joined'], { severity: 1 }),
        heard('kv-stormy', ['summarised'], { summarisedIn: { 'slack-bot': 's' } }),
        heard('kv-busy', ['summarised', 'summarised'], { signals: [hits(9_120), hits(2_000)] }),
        heard('kv-busier', ['summarised', 'summarised', 'summarised'], { signals: [hits(1_600)] }),
        heard('kv-quiet', ['silenced']),
        heard('kv-elsewhere', ['routed-nowhere']),
        heard('kv-lone', ['summarised']),
      ],
      WEEK,
      5,
    );
    expect(digest).toMatchObject({
      counts: { told: 1, storm: 1, busy: 2, silenced: 1, nowhere: 1, lone: 1 },
      busy: [
        { resource: { name: 'kv-busier' }, alerts: 3, peak: { value: 1_600, windowSeconds: 60 }, open: true },
        { resource: { name: 'kv-busy' }, alerts: 2, peak: { value: 9_120, windowSeconds: 60 } },
      ],
      told: [{ incidentId: 'kv-told', severity: 1 }],
      unread: 5,
    });
  });

  test.each<[string, IncidentRecord]>([
    ['a test', heard('kv', ['posted'], { synthetic: 'test' })],
    ['the canary', heard('kv', ['summarised'], { synthetic: 'canary' })],
    [
      'the digest before',
      openDigest({
        ...WEEK,
        counts: { told: 1, storm: 0, busy: 0, silenced: 0, nowhere: 0, lone: 0 },
        busy: [],
        told: [],
        unread: 0,
      }),
    ],
  ])('does not tell of %s', (_what, record) => {
    expect(summariseWeek([record], WEEK)).toBeNull();
  });

  test('tells of what was busy before the week only while it still is', () => {
    const before = '2026-11-10T10:00:00.000Z';
    const accepted = [
      { id: 'a', state: 'fired' as const, at: before, receivedAt: before, outcome: 'summarised' as const },
    ];
    const busy = heard('kv', [], { accepted, signals: [hits(2_000)] });
    expect(summariseWeek([busy], WEEK)?.counts.busy).toBe(1);
    const over = { state: 'resolved', at: '2026-11-11T10:00:00.000Z', by: 'signals' } as const;
    expect(summariseWeek([{ ...busy, lifecycle: over }], WEEK)).toBeNull();
  });
});
