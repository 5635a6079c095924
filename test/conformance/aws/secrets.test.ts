import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { openSecretsManager, type SecretReference } from '../../../shared/adapters/aws/secrets.ts';
import { collectingLog } from '../../kit.ts';
import { originOf } from './account.ts';

const NAME = 'HEADROOM_ALERT_TOKEN';
const MINUTE_MS = 60_000;

const client = new SecretsManagerClient({ endpoint: originOf('moto') });

async function create(text: string): Promise<{ name: string; arn: string }> {
  const name = `headroom/${randomUUID()}`;
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: text }));
  return { name, arn: ARN };
}

function open(reference: Omit<SecretReference, 'name'>, now: () => number = Date.now) {
  const references = [{ name: NAME, ...reference }];
  return openSecretsManager({ references, endpoint: originOf('moto'), now, log: collectingLog() });
}

describe('Secrets Manager on Moto', () => {
  test('a secret is found by name and by ARN, whole and by field', async () => {
    const { name, arn } = await create('{"token":"a-token"}');
    const answers = await Promise.all([open({ id: name })(), open({ id: arn })(), open({ id: arn, field: 'token' })()]);
    const whole = { environment: { [NAME]: '{"token":"a-token"}' }, problems: [] };
    expect(answers).toEqual([whole, whole, { environment: { [NAME]: 'a-token' }, problems: [] }]);
  });

  test('a rotated secret is taken up after five minutes, and kept when it is deleted', async () => {
    const { name } = await create('first');
    let nowMs = 0;
    const read = open({ id: name }, () => nowMs);
    await read();
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'second' }));
    nowMs += 5 * MINUTE_MS;
    expect((await read()).environment).toEqual({ [NAME]: 'second' });
    await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    nowMs += 5 * MINUTE_MS;
    expect((await read()).environment).toEqual({ [NAME]: 'second' });
  });

  test('one that was never there, and one marked for deletion, are problems of the name', async () => {
    const { name } = await create('soon gone');
    await client.send(new DeleteSecretCommand({ SecretId: name }));
    for (const id of [name, `headroom/${randomUUID()}`])
      expect(await open({ id })()).toMatchObject({ environment: {}, problems: [{ name: NAME }] });
  });
});
