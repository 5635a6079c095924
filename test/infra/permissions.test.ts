import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AWS_NEEDS, AWS_PLACES, AZURE_NEEDS, awsActorGrants, awsGrants, azureGrants } from '../../infra/permissions.ts';

const ADAPTERS = join(import.meta.dirname, '../../shared/adapters');

describe('the one list of permissions', () => {
  test('has every adapter that says what it needs', () => {
    const saying = globSync('**/*.ts', { cwd: ADAPTERS }).filter((file) =>
      /^export const permissions\b/m.test(readFileSync(join(ADAPTERS, file), 'utf8')),
    );
    const listed = new Set([...AWS_NEEDS, ...AZURE_NEEDS].map(({ adapter }) => adapter));
    expect([...listed].sort()).toEqual(saying.sort());
  });

  test.each(AWS_NEEDS)('what $adapter asks of AWS is granted to a role, and no role more than that', (need) => {
    const asked = [...new Set(need.iam.flatMap(({ actions }) => actions))].sort();
    const wanted = Object.values(need.roles).flatMap((granted) => (granted === 'all' ? asked : [...granted]));
    expect([...new Set(wanted)].sort()).toEqual(asked);
  });

  test('grants each lambda what stands here, written out', () => {
    const grants = awsGrants();
    const written = Object.entries(grants).map(([entry, list]) => [
      entry,
      ...list.map(({ on, actions }) => `${on}: ${actions.map((action) => action.split(':')[1]).join(' ')}`),
    ]);
    expect(written).toMatchInlineSnapshot(`
      [
        [
          "receive",
          "the table: GetItem PutItem",
          "the work queue: SendMessage",
          "the objects of the bucket: PutObject",
          "the secret: GetSecretValue",
        ],
        [
          "chat",
          "the table: DeleteItem GetItem PutItem Query",
          "the work queue: GetQueueAttributes SendMessage",
          "the dead-letter queue: ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage",
          "the bucket: ListBucket",
          "the objects of the bucket: GetObject",
          "the secret: GetSecretValue",
        ],
        [
          "read",
          "the table: GetItem Query",
          "the work queue: GetQueueAttributes",
          "the dead-letter queue: GetQueueAttributes",
          "the secret: GetSecretValue",
        ],
        [
          "work",
          "the table: DeleteItem GetItem PutItem Query",
          "the work queue: DeleteMessage GetQueueAttributes ReceiveMessage SendMessage",
          "the dead-letter queue: ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage",
          "the bucket: ListBucket",
          "the objects of the bucket: GetObject PutObject",
          "the secret: GetSecretValue",
          "*: DescribeAlarms GetMetricData GetQueryResults StartQuery StopQuery",
        ],
        [
          "watch",
          "the table: DeleteItem GetItem PutItem Query",
          "the work queue: GetQueueAttributes SendMessage",
          "the dead-letter queue: ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage",
          "the bucket: ListBucket",
          "the objects of the bucket: DeleteObject GetObject PutObject",
          "the secret: GetSecretValue",
          "the canary alarm: SetAlarmState",
          "*: DescribeAlarms GetMetricData ListAlarmMuteRules",
        ],
      ]
    `);
    for (const { on } of Object.values(grants).flat()) expect(AWS_PLACES).toContain(on);
  });

  test('lets no lambda change anything outside, and the role that acts nothing else, which chat and work take on', () => {
    const beyondOwn = (grants: ReturnType<typeof awsGrants>) =>
      Object.values(grants).flatMap((list) => list.flatMap(({ on, actions }) => (on === '*' ? actions : [])));
    const changing = (action: string) => /:(?:Put|Delete|Create|Update|Set)/.test(action);
    expect(beyondOwn(awsGrants()).filter(changing)).toEqual([]);
    const taking = [{ on: 'the role that acts', actions: ['sts:AssumeRole'] }];
    expect(awsGrants('actions')).toEqual({ receive: [], chat: taking, read: [], work: taking, watch: [] });
    const actions = ['Delete', 'Get', 'Put'].map((verb) => `cloudwatch:${verb}AlarmMuteRule`);
    expect(awsActorGrants()).toEqual([{ on: '*', actions }]);
  });

  test('receive, which anyone may call, reads no payload, lists nothing and sees no alarm', () => {
    const actions = awsGrants().receive.flatMap((grant) => grant.actions);
    expect(actions.sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
      'sqs:SendMessage',
    ]);
  });

  test('names permissions of Azure as Azure does: provider, type and verb, and none but the inventory has a wildcard', () => {
    const { inventory, ...others } = azureGrants();
    expect(inventory).toEqual({ actions: ['*/read'], dataActions: [] });
    const all = Object.values(others).flatMap(({ actions, dataActions }) => [...actions, ...dataActions]);
    for (const action of all)
      expect(action).toMatch(/^Microsoft\.[A-Za-z]+(?:\/[A-Za-z]+)+\/(?:read|write|delete|action)$/);
  });

  test('grants no writing where it only watches', () => {
    const { watched, configuration, vault } = azureGrants();
    const reading = [watched, configuration, vault].flatMap(({ actions, dataActions }) => [...actions, ...dataActions]);
    expect(reading.filter((action) => !/(?:\/read|getSecret\/action|\/query\/read)$/.test(action))).toEqual([]);
  });
});
