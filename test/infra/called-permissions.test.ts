/**
 * Every adapter over a server of ours is asked for everything that it can do: what it sends is what it may do, and what it
 * may do is sent. Stores are held to the same on their emulators, `test/conformance/permissions-*.test.ts`.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { permissionsOf } from '../../infra/permission-table.ts';
import { AWS_NEEDS, AZURE_NEEDS } from '../../infra/permissions.ts';
import { callsOfAws } from '../conformance/permissions-aws-calls.ts';
import { callsOfAzure } from '../conformance/permissions-azure-calls.ts';
import { callAll, compareWithGrants, grantedTo, ON_EMULATORS } from '../conformance/permissions-granted.ts';

const CALLS = { ...callsOfAzure, ...callsOfAws };

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-the-test');
  return () => vi.unstubAllEnvs();
});

test('every adapter that is granted anything is called, here or on an emulator', () => {
  const called = [...Object.keys(CALLS), ...ON_EMULATORS.azure, ...ON_EMULATORS.aws];
  expect(called.sort()).toEqual([...new Set([...AWS_NEEDS, ...AZURE_NEEDS].map(({ adapter }) => adapter))].sort());
});

test.each(Object.entries(CALLS))('%s sends what it is granted, no more and no less', async (adapter, open) => {
  expect(compareWithGrants(adapter, await callAll(open))).toEqual({ refused: [], unused: [] });
});

describe('a mistake is found', () => {
  const azure = 'azure/processing-rule.ts';
  const calls = () => callAll(CALLS[azure] ?? (() => Promise.reject(new Error('nothing calls it'))));

  test('where a permission that is used is not granted', async () => {
    const granted = grantedTo(azure).filter((permission) => !permission.endsWith('/write'));
    expect(compareWithGrants(azure, await calls(), granted)).toEqual({
      refused: [expect.stringMatching(/^arm: PUT .* needs Microsoft\.AlertsManagement\/actionRules\/write$/)],
      unused: [],
    });
  });

  test('where one is granted that nothing uses', async () => {
    const granted = [...grantedTo(azure), 'Microsoft.Insights/actionGroups/write'];
    expect(compareWithGrants(azure, await calls(), granted)).toEqual({
      refused: [],
      unused: ['Microsoft.Insights/actionGroups/write'],
    });
  });

  test('where a request is sent that the table does not know', async () => {
    const stray = { service: 'arm', method: 'DELETE', path: '/subscriptions/1?a=b', target: '', body: '' } as const;
    expect(compareWithGrants(azure, [...(await calls()), stray]).refused).toEqual([
      'arm: DELETE /subscriptions/1 stands in no row of infra/permission-table.ts',
    ]);
  });

  test('where a message is received from the work queue, as only its dead letters may be', () => {
    const call = (queue: string) => ({
      ...({ service: 'aws', method: 'POST', path: '/', target: 'AmazonSQS.ReceiveMessage' } as const),
      body: JSON.stringify({ QueueUrl: `https://sqs.example/1/${queue}` }),
    });
    expect(compareWithGrants('aws/queue.ts', [call('work-dead'), call('work')]).refused).toEqual([
      'aws: AmazonSQS.ReceiveMessage needs sqs:ReceiveMessage on the work queue',
    ]);
  });
});

describe('a query of logs needs each table that it reads', () => {
  test.each([
    ['AzureDiagnostics\n| take 1', ['AzureDiagnostics']],
    ['union isfuzzy=true\n    (A1 | take 1),\n    (B1\n| take 1)\n| summarize by one, two | take 1', ['A1', 'B1']],
    ['union A1, B1 | take 1', ['A1', 'B1']],
    ['let part = A1 | take 1;\npart | join (B1 | take 2) on x', ['A1', 'B1']],
  ])('%j', (query, tables) => {
    const call = { service: 'logs', method: 'POST', path: '/v1/subscriptions/1/query', target: '' } as const;
    const needs = permissionsOf({ ...call, body: JSON.stringify({ query }) });
    expect(needs).toEqual(tables.map((table) => `Microsoft.Insights/logs/${table}/read`));
  });
});
