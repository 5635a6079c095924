import { expect, test } from 'vitest';
import { inMaintenance } from '../../../shared/config/maintenance.ts';

const SUB = '/subscriptions/11111111-1111-1111-1111-111111111111';
const VAULT = `${SUB}/resourcegroups/shop/providers/microsoft.keyvault/vaults/kv-shop`;
const WINDOWS = [
  { from: '2026-01-01T10:00:00.000Z', to: '2026-01-01T11:00:00.000Z', scopes: [SUB] },
  { from: '2026-02-01T00:00:00.000Z', to: '2026-02-02T00:00:00.000Z' },
];

test.each([
  ['before it begins', VAULT, '2026-01-01T09:59:59.999Z', false],
  ['when it begins', VAULT, '2026-01-01T10:00:00.000Z', true],
  ['in its last moment', VAULT, '2026-01-01T10:59:59.999Z', true],
  ['when it ends', VAULT, '2026-01-01T11:00:00.000Z', false],
  ['of something else', 'arn:aws:sns:eu-west-1:123456789012:x', '2026-01-01T10:30:00.000Z', false],
  ['of everything', 'other:unknown:rule', '2026-02-01T12:00:00.000Z', true],
])('a maintenance window, %s', (_, id, now, expected) => {
  expect(inMaintenance(WINDOWS, id, now)).toBe(expected);
});
