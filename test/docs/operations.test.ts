import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { permissions as alarmReadBack } from '../../shared/adapters/aws/alarm-read-back.ts';
import { permissions as alarms } from '../../shared/adapters/aws/cloudwatch-alarms.ts';
import { permissions as canaryAlarm } from '../../shared/adapters/aws/cloudwatch-canary.ts';
import { permissions as alertReadBack } from '../../shared/adapters/azure/alert-read-back.ts';
import { permissions as alerts } from '../../shared/adapters/azure/alerts-management.ts';

const ADAPTERS = { alarmReadBack, alarms, canaryAlarm, alertReadBack, alerts };

function actionsOf(permissions: { arm: readonly string[] } | { iam: readonly { actions: readonly string[] }[] }) {
  return 'arm' in permissions ? permissions.arm : permissions.iam.flatMap(({ actions }) => actions);
}

test.each(Object.entries(ADAPTERS))(
  'docs/operations.md names each permission that %s needs',
  (_adapter, permissions) => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const actions = actionsOf(permissions);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !page.includes(`\`${action}\``))).toEqual([]);
  },
);
