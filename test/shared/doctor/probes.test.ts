import { expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import type { CheckPorts } from '../../../shared/doctor/check.ts';
import { escalation } from '../../../shared/doctor/escalation.ts';
import { webhooks } from '../../../shared/doctor/webhooks.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import { fakeClock } from '../../kit.ts';
import { configOf } from '../config/kit.ts';

const REFUSED = new HeadroomError('denied', 'the Slack webhook answered 404 (no_service)', {
  nextStep: 'Make it anew',
});
const well = (key: string) => ({ key, probe: async () => 'its host answers' });
const failing = (key: string, error: Error) => ({ key, probe: () => Promise.reject(error) });

function portsOf(given: Partial<CheckPorts>): CheckPorts {
  const clock = fakeClock();
  return {
    config: configOf({}),
    records: createMemoryRecords(),
    queue: createMemoryQueue({ clock }),
    clock,
    slack: { scopes: async () => null, isIn: async () => 'unknown' },
    destinations: [],
    ...given,
  };
}

test('webhooks that are reached say what that shows, and destinations that are asked otherwise are left out', async () => {
  const senders = [{ key: 'slack-bot:C1' }, well('slack-webhook'), well('teams-workflow')];
  expect(await webhooks.run(portsOf({ senders }))).toEqual({
    ok: true,
    detail: 'slack-webhook: its host answers; teams-workflow: its host answers',
  });
  expect(await webhooks.run(portsOf({}))).toEqual({ ok: true, detail: 'none' });
});

test('a webhook that is refused is told with its next step, beside one that is reached', async () => {
  const senders = [well('teams-workflow'), failing('slack-webhook', REFUSED)];
  expect(await webhooks.run(portsOf({ senders }))).toEqual({
    ok: false,
    problem: REFUSED.message,
    nextStep: 'Make it anew',
  });
});

test('whoever is called tells when, and what is shown by asking', async () => {
  const targets = [well('pagerduty')];
  expect(await escalation.run(portsOf({ escalation: { afterMs: 900_000, targets } }))).toEqual({
    ok: true,
    detail: 'after 15 min: pagerduty: its host answers',
  });
});

test('a service that fails without a word of its own names no secret, and has a next step', async () => {
  const targets = [failing('webhook', new Error('https://oncall.example/?key=s3cret'))];
  expect(await escalation.run(portsOf({ escalation: { afterMs: 900_000, targets } }))).toEqual({
    ok: false,
    problem: 'webhook could not be asked',
    nextStep: expect.stringContaining('proxy'),
  });
});
