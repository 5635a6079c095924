import { expect, test } from 'vitest';
import { readConfig, secretReferences } from '../../../shared/config.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/alert-AbCdEf';

test.each([
  ['secretsmanager:prod/alert', { id: 'prod/alert' }],
  [` secretsmanager:${ARN} `, { id: ARN }],
  [`secretsmanager:${ARN}#slack token`, { id: ARN, field: 'slack token' }],
])('%s is a reference', (value, reference) => {
  expect(secretReferences({ HEADROOM_ALERT_TOKEN: value })).toEqual([{ name: 'HEADROOM_ALERT_TOKEN', ...reference }]);
});

test.each(['a-token', 'secretsmanager:', 'secretsmanager:with space', 'secretsmanager:a#', '@Microsoft.KeyVault(x)'])(
  '%s is none',
  (value) => {
    expect(secretReferences({ HEADROOM_ALERT_TOKEN: value })).toEqual([]);
  },
);

test('only secrets are given by reference', () => {
  expect(secretReferences({ HEADROOM_SLACK_CHANNEL: 'secretsmanager:prod/alert' })).toEqual([]);
});

test.each(['secretsmanager:prod/alert', 'secretsmanager:'])(
  'a reference that nothing resolved is a problem, not a token: %s',
  (value) => {
    const read = readConfig({ environment: { HEADROOM_ALERT_TOKEN: value }, cloud: 'local' });
    expect(read.ok ? [] : read.problems.map(({ name }) => name)).toEqual(['HEADROOM_ALERT_TOKEN']);
  },
);
