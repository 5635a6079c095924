import { expect, test } from 'vitest';
import { alertMismatch } from '../../../shared/diagnoses/alert-mismatch.ts';
import type { Evidence, Signal, SignalState } from '../../../shared/model.ts';
import { refusedSignal } from '../chat/incidents.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';
import { tell } from '../scenario.ts';
import { diagnoseBy } from './kit.ts';

const NOTHING: Evidence = { resource: VAULT, from: FROM, to: TO, readings: [] };

function rule(signal: Partial<Signal>): SignalState {
  return refusedSignal({
    rule: 'kv-hits',
    signals: [
      { metric: 'ServiceApiHit', threshold: 1500, windowSeconds: 60, aggregation: 'Count', dimensions: {}, ...signal },
    ],
  });
}

test.each([
  ['1,500 hits a minute', {}, '1,500 hits a minute is 6 % of the limit, which counts 10 s'],
  [
    'a little under half the limit',
    { threshold: 11_999 },
    '11,999 hits a minute is 50 % of the limit, which counts 10 s',
  ],
  ['half the limit', { threshold: 12_000 }, null],
  ['the limit', { threshold: 24_000 }, null],
  ['above it', { threshold: 24_001 }, '24,001 hits a minute is more than the limit admits: it fires too late'],
  [
    'hits in five minutes',
    { windowSeconds: 300 },
    '1,500 hits a 300 s is 1 % of the limit, which counts 10 s'.replace('a 300 s', 'in 300 s'),
  ],
  [
    'an average of results',
    { metric: 'ServiceApiResult', aggregation: 'Average', threshold: 10 },
    'the rule averages a count, which is 1 for each request: it never fires',
  ],
  [
    'results of any status',
    { metric: 'ServiceApiResult', threshold: 0, aggregation: 'Total' },
    'the rule counts every answer, not the refused ones (StatusCode 429)',
  ],
  ['results with status 429', { metric: 'ServiceApiResult', threshold: 0, dimensions: { StatusCode: '429' } }, null],
  ['saturation', { metric: 'SaturationShoebox', threshold: 75, aggregation: 'Average' }, null],
])('a rule on %s: %j', (_what, signal, summary) => {
  const causes = diagnoseBy(alertMismatch, NOTHING, [rule(signal)]);
  expect(causes.map((cause) => cause.summary)).toEqual(summary === null ? [] : [summary]);
});

test('is confirmed by a log in which nothing was refused, and likely without one', async () => {
  const { evidence } = await tell('healthy', { seed: 6 });
  expect(diagnoseBy(alertMismatch, evidence, [rule({})])).toMatchObject([{ verdict: 'confirmed', role: 'condition' }]);
  expect(diagnoseBy(alertMismatch, NOTHING, [rule({})])).toMatchObject([{ verdict: 'likely' }]);
  const readings = evidence.readings.map((reading) => ({ ...reading, rows: [] }));
  expect(diagnoseBy(alertMismatch, { ...evidence, readings }, [rule({})])).toMatchObject([{ verdict: 'likely' }]);
});

test('a rule on a resource that no limit is known for says nothing', () => {
  const other = { ...NOTHING, resource: { ...VAULT, type: 'microsoft.storage/storageaccounts' } };
  expect(diagnoseBy(alertMismatch, other, [rule({})])).toEqual([]);
});

test('a log analysed without an alert says nothing of rules', async () => {
  expect(diagnoseBy(alertMismatch, (await tell('healthy', { seed: 6 })).evidence)).toEqual([]);
});
