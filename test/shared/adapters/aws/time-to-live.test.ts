import { expect, test } from 'vitest';
import { expiresAtSeconds } from '../../../../shared/adapters/aws/time-to-live.ts';
import {
  alertKey,
  auditKey,
  chatKey,
  deadKey,
  inboxKey,
  incidentKey,
  indexKey,
  memberKey,
  openKey,
  snsKey,
  watchKey,
} from '../../../../shared/pipeline/keys.ts';

const NOW = '2026-11-20T14:00:00.000Z';
const NOW_MS = Date.parse(NOW);

test.each([
  ['what was received', inboxKey(NOW, 0.5), 15],
  ['what was not understood', deadKey(NOW, 'a'.repeat(64)), 15],
  ['an SNS message that was taken in', snsKey(NOW, 'message'), 15],
  ['which incident took an alert', alertKey('abcdef'), 430],
  ['an incident', incidentKey('abcdefgh'), 430],
  ['its row in the list', indexKey(NOW, 'abcdefgh'), 430],
  ['usage', { partition: 'usage/kv-payments', id: NOW }, 400],
  ['what is open', openKey('fingerprint'), null],
  ['what the watch remembers', watchKey('expiry'), null],
  ['a question from chat', chatKey(NOW, 'question'), 15],
  ['an incident of a storm', memberKey('stormstorm', 'abcdefgh'), 430],
  ['an audit about an incident', auditKey(NOW, 0.5, 'abcdefgh'), null],
  ['another audit', auditKey(NOW, 0.5), null],
])('%s ends by itself after its retention', (_what, key, days) => {
  const expected = days === null ? null : NOW_MS / 1_000 + days * 86_400;
  expect(expiresAtSeconds(key, NOW_MS)).toBe(expected);
});
