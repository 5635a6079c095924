import { describe, expect, test } from 'vitest';
import type { Evidence, Reading, Row } from '../../../shared/model.ts';
import { answer } from '../../../shared/pipeline/answer.ts';
import { published } from '../evidence/kit.ts';
import { METRIC_VAULT, metricEvidence, readingOf, statusSeries } from '../evidence/metric-readings.ts';

const STORM = readingOf('results', statusSeries({ '200': [400, 500, 450, 480], '429': [0, 90, 130, 0] }));
const CALM = readingOf('results', statusSeries({ '200': [400, 500, 450, 480] }));

/** A log that holds so many of each second's requests; what has not arrived is not in it. */
function log(served: number, refused: number, completeness: number | null): Reading {
  const row = (outcome: string, each: number): Row => ({
    class: 'secret',
    outcome,
    fromSecond: Date.parse('2026-11-20T14:00:00.000Z') / 1000,
    perSecond: Array<number>(240).fill(each),
  });
  const rows = [row('served', served), ...(refused > 0 ? [row('refused', refused)] : [])];
  return { ...readingOf('timeline', rows), store: 'log-analytics', ...{ completeness } };
}

function told(evidence: Evidence) {
  const { chart, notes } = answer({ resource: METRIC_VAULT, evidence, limits: published() });
  return { unit: chart?.unit, notes: notes.map(({ text }) => text).filter((text) => text.startsWith('Azure Monitor')) };
}

const COUNTED =
  'Azure Monitor counts 220 of 2,050 requests refused (429), from 14:01 UTC to 14:03 UTC. ' +
  'Its metrics count by the minute and name no caller.';

test.each<[string, Row[], string]>([
  [
    'when they speak of throttling',
    [
      { atMs: Date.parse('2026-11-20T14:02:00.000Z'), lines: 900, throttled: 0 },
      { atMs: Date.parse('2026-11-20T14:03:00.000Z'), lines: 500, throttled: 12 },
    ],
    'Of 1,400 lines in its log groups 12 speak of throttling, from 14:03 UTC to 14:04 UTC.',
  ],
  ['that none does', [{ atMs: 0, lines: 3, throttled: 0 }], 'Of 3 lines in its log groups 0 speak of throttling.'],
])('log groups of a resource of AWS tell %s', (_what, rows, expected) => {
  const { notes } = answer({
    resource: { ...METRIC_VAULT, cloud: 'aws' },
    evidence: metricEvidence(readingOf('log-lines', rows)),
    limits: published(),
  });
  expect(notes.map(({ text }) => text)).toContain(expected);
});

describe('what the metrics tell', () => {
  test('is the chart and a note as long as no log is read', () => {
    expect(told(metricEvidence(STORM))).toEqual({ unit: 'requests per minute', notes: [COUNTED] });
  });

  test('is told where a log was read that does not show the refusals yet', () => {
    expect(told(metricEvidence(STORM, log(2, 0, 0.1)))).toEqual({ unit: 'requests per minute', notes: [COUNTED] });
  });

  test.each<[string, number | null, string]>([
    ['less than half of', 0.49, 'requests per minute'],
    ['half of', 0.5, 'requests per 10 s'],
    ['who knows how much of', null, 'requests per 10 s'],
  ])('gives way to a log that holds %s the load', (_how, completeness, unit) => {
    expect(told(metricEvidence(STORM, log(2, 1, completeness)))).toEqual({ unit, notes: [] });
  });

  test('is that nothing was refused, where there is no log to say so', () => {
    expect(told(metricEvidence(CALM))).toEqual({
      unit: 'requests per minute',
      notes: [
        'Azure Monitor counts 0 of 1,830 requests refused (429). Its metrics count by the minute and name no caller.',
      ],
    });
    expect(told(metricEvidence(CALM, log(2, 0, 1)))).toEqual({ unit: 'requests per 10 s', notes: [] });
  });
});
