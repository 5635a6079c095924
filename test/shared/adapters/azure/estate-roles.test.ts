import { expect, test } from 'vitest';
import { azureGrants } from '../../../../infra/permissions.ts';
import { grants } from '../../../../shared/adapters/azure/estate-roles.ts';
import { READER_ACTIONS } from '../../../../shared/adapters/azure/reader-actions.ts';

const READ = 'Microsoft.Insights/metrics/read';

test.each<[string, { actions: string[]; notActions?: string[] }, boolean]>([
  ['the action itself', { actions: [READ] }, true],
  ['another case', { actions: [READ.toLowerCase()] }, true],
  ['all that reads', { actions: ['*/read'] }, true],
  ['a pattern in the middle', { actions: ['Microsoft.Insights/*/read'] }, true],
  ['everything', { actions: ['*'] }, true],
  ['everything but this', { actions: ['*'], notActions: ['Microsoft.Insights/*'] }, false],
  ['the beginning alone', { actions: ['Microsoft.Insights/metrics'] }, false],
  ['a dot that is no pattern', { actions: ['MicrosoftxInsights/metrics/read'] }, false],
  ['nothing', { actions: [] }, false],
])('a role with %s gives reading metrics: %j', (_what, role, expected) => {
  expect(grants(role, READ)).toBe(expected);
});

test('the reader needs what the manifest grants it where it watches and looks around', () => {
  const { watched, inventory } = azureGrants();
  expect(READER_ACTIONS).toEqual([...watched.actions, ...inventory.actions].sort());
});
