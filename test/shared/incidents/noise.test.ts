import { describe, expect, test } from 'vitest';
import { isWeakOnly, isWeakSignal } from '../../../shared/incidents/noise.ts';
import type { Signal } from '../../../shared/model.ts';
import { alertOf, HITS, incidentOf, REFUSALS } from './alerts.ts';

describe('a signal that only says busy', () => {
  test.each<[string, Signal, boolean]>([
    ['hits of a vault', HITS, true],
    ['in any spelling', { ...HITS, metric: 'serviceapihit', namespace: 'microsoft.keyvault/VAULTS' }, true],
    ['refusals', REFUSALS, false],
    ['hits of something else', { ...HITS, namespace: 'Contoso/things' }, false],
    ['hits of nobody knows what', { metric: 'ServiceApiHit', dimensions: {} }, false],
  ])('%s', (_what, signal, weak) => {
    expect(isWeakSignal(signal)).toBe(weak);
  });

  test.each<[string, Signal[][], boolean]>([
    ['one rule on hits', [[HITS]], true],
    ['two rules on hits', [[HITS], [HITS]], true],
    ['a rule on hits and one on refusals', [[HITS], [REFUSALS]], false],
    ['one rule on both', [[HITS, REFUSALS]], false],
    ['a rule that says nothing of its signal', [[]], false],
    ['it beside hits', [[HITS], []], false],
    ['no rule at all', [], false],
  ])('%s makes an incident weak: %s', (_what, rules, weak) => {
    const signals = rules.flatMap((of, i) => incidentOf(alertOf({ rule: `r${i}`, signals: of })).signals);
    expect(isWeakOnly(signals)).toBe(weak);
  });
});
