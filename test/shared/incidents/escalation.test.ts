import { describe, expect, test } from 'vitest';
import { acceptAlert, closeByMerge, openIncident } from '../../../shared/incidents/accept.ts';
import { stepDue } from '../../../shared/incidents/escalation.ts';
import type { Escalated } from '../../../shared/model.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { azureAlert } from '../pipeline/kit.ts';

const CALLED: Escalated = {
  key: 'pagerduty',
  step: 'trigger',
  count: 1,
  attempts: 1,
  calledAt: '2026-11-20T14:05:00Z',
  state: 'sent',
  at: '2026-11-20T14:05:00Z',
};

function mergedInto(incidentId: string) {
  const parsed = azure.parse(azureAlert({ firedAt: '2026-11-20T13:59:30Z' }), '2026-11-20T14:00:00.000Z');
  const alert = parsed.ok ? parsed.alerts[0] : undefined;
  if (!alert) throw new Error('no alert');
  const record = acceptAlert(openIncident('a2b3c4d5', alert, { verified: true }), alert);
  return closeByMerge(
    { ...record, secondRegion: { why: 'no-answer', mergedInto: incidentId } },
    '2026-11-20T14:10:00.000Z',
  );
}

describe('a call about what was merged into an incident of the first region', () => {
  test('stays where the first calls under the same id', () => {
    expect(stepDue(mergedInto('a2b3c4d5'), CALLED, false)).toBeNull();
  });

  test('ends where the first calls under another', () => {
    expect(stepDue(mergedInto('b2b3c4d5'), CALLED, false)).toBe('resolve');
  });
});
