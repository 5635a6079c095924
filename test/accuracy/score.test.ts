import { expect, test } from 'vitest';
import { percent, renderReport, totalsOf } from '../../bench/accuracy/report.ts';
import { type Score, score, type Told } from '../../bench/accuracy/score.ts';
import type { Studied } from '../../bench/accuracy/study.ts';
import type { CorpusTruth } from '../../simulation/corpus.ts';

const HEALTHY: CorpusTruth = {
  ...{
    seed: 1,
    kind: null,
    boundary: false,
    accepts: [null],
    alike: [],
    causes: [],
    requests: 100,
    refused: 0,
    refusedShare: 0,
  },
  resource: { id: '/vault', name: 'vault', subscriptionId: 'sub' },
  window: { from: '2026-01-05T10:00:00.000Z', to: '2026-01-05T10:20:00.000Z' },
  limit: { requests: 4000, windowMs: 10_000, shape: 'sliding', countsRefused: false },
  applications: [],
};
const MIX: CorpusTruth = {
  ...{ ...HEALTHY, kind: 'startup-stampede', accepts: ['startup-stampede'], refused: 50 },
  causes: [
    { kind: 'startup-stampede', role: 'trigger', appId: 'a', onset: '2026-01-05T10:05:00.000Z' },
    { kind: 'retry-storm', role: 'amplifier', appId: 'a', onset: '2026-01-05T10:05:01.000Z' },
  ],
};
const OUTAGE: CorpusTruth = {
  ...{ ...HEALTHY, kind: 'identity-outage', accepts: ['identity-outage'], refused: 50 },
  causes: [{ kind: 'identity-outage', role: 'trigger', appId: null, onset: '2026-01-05T10:05:00.000Z' }],
  applications: [
    { appId: 'a', part: 'culprit', requests: 10, refused: 5 },
    { appId: 'b', part: 'victim', requests: 10, refused: 5 },
  ],
};
const HARDLY: CorpusTruth = {
  ...MIX,
  causes: MIX.causes.slice(0, 1),
  boundary: true,
  accepts: ['startup-stampede', null],
};

function told(kind: string, caller: string | null, verdict: Told['verdict'] = 'likely'): Told {
  return { kind, caller, verdict, role: 'trigger', explains: 0.9, onset: null };
}

test.each<[string, CorpusTruth, Told[], Partial<Score>]>([
  ['silence about a healthy log is right', HEALTHY, [], { first: true, caller: null }],
  [
    'an open question about a healthy log is right',
    HEALTHY,
    [told('transient', null, 'inconclusive')],
    { first: true },
  ],
  ['an accusation of a healthy log is wrong', HEALTHY, [told('missing-cache', 'a')], { first: false }],
  ['silence about an incident is wrong', MIX, [], { first: false, caller: false }],
  [
    'the amplifier first is wrong, though its caller is right',
    MIX,
    [told('retry-storm', 'a')],
    { first: false, caller: true },
  ],
  ['a victim named is wrong', MIX, [told('startup-stampede', 'b')], { first: true, caller: false }],
  [
    'no caller is right where there is no single one',
    OUTAGE,
    [told('identity-outage', null)],
    { first: true, caller: true },
  ],
  ['one of those who fell silent is right', OUTAGE, [told('identity-outage', 'a')], { first: true, caller: true }],
  ['a victim of an outage is no caller of it', OUTAGE, [told('identity-outage', 'b')], { first: true, caller: false }],
  ['silence is right where hardly anything was refused', HARDLY, [], { first: true, caller: true }],
])('%s', (_what, truth, findings, expected) => {
  expect(score(truth, findings)).toMatchObject(expected);
});

test('a further cause counts only with its own caller', () => {
  const further = (findings: Told[]) => score(MIX, findings).further;
  expect(further([told('startup-stampede', 'a'), told('retry-storm', 'a')])).toEqual([
    { kind: 'retry-storm', found: true },
  ]);
  expect(further([told('startup-stampede', 'a'), told('retry-storm', 'b')])).toEqual([
    { kind: 'retry-storm', found: false },
  ]);
});

function studied(truth: CorpusTruth, findings: Told[]): Studied {
  const ms = { play: 1, gather: 1, answer: 1, fixes: 1 };
  return {
    seed: truth.seed,
    slot: 'x',
    truth,
    told: findings,
    score: score(truth, findings),
    fixes: [],
    lines: 10,
    ms,
  };
}

test('boundary logs are counted apart from the shares that have an aim', () => {
  const all = [studied(MIX, [told('startup-stampede', 'a')]), studied(HEALTHY, []), studied(HARDLY, [])];
  const totals = totalsOf(all);
  expect(totals).toMatchObject({
    first: { good: 1, of: 1 },
    healthy: { good: 1, of: 1 },
    boundary: { good: 1, of: 1 },
    second: { good: 0, of: 1 },
  });
  expect(totals.kinds.find(({ kind }) => kind === 'retry-storm')?.recall).toEqual({ good: 0, of: 1 });
  expect(percent({ good: 1, of: 3 })).toBe('33.3 %');
  expect(percent({ good: 0, of: 0 })).toBe('-');
  expect(renderReport(all)).toContain('| startup-stampede |  | 1 |');
});
