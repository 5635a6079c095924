import { describe, expect, test } from 'vitest';
import { createMemoryPayloads } from '../../../../shared/adapters/memory/payloads.ts';
import { createMemoryQueue } from '../../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../../shared/adapters/memory/records.ts';
import { HeadroomError } from '../../../../shared/errors.ts';
import { SOURCES } from '../../../../shared/registry.ts';
import { type AlertsRouteDeps, alertsRoute } from '../../../../shared/routes/alerts.ts';
import { fromWebRequest } from '../../../../shared/routes/http.ts';
import { isAwsUrl } from '../../../../shared/routes/sns/verify.ts';
import signed from '../../../fixtures/sns/signed.json' with { type: 'json' };
import { collectingLog, fakeClock, seededRandom } from '../../../kit.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alarms';
const SENT_AT = '2026-01-05T10:01:01.123Z';

function setUp(over: { topics?: string[]; at?: string; certificate?: () => Promise<string> } = {}) {
  const clock = fakeClock(over.at ?? SENT_AT);
  const confirmed: string[] = [];
  const queue = createMemoryQueue({ clock });
  const deps: AlertsRouteDeps = {
    records: createMemoryRecords(),
    queue,
    payloads: createMemoryPayloads({ clock }),
    clock,
    random: seededRandom(1),
    log: collectingLog(),
    sources: SOURCES,
    access: { kind: 'closed', nextStep: 'set a token' },
    bodyBytes: 1_048_576,
    sns: {
      topics: over.topics ?? [TOPIC],
      authority: {
        certificate: over.certificate ?? (async () => signed.certificate),
        confirm: async (url) => {
          confirmed.push(url);
        },
      },
    },
  };
  const route = alertsRoute(deps);
  const send = (body: unknown) =>
    route(
      fromWebRequest(
        new Request('http://localhost/api/alerts/sns', {
          method: 'POST',
          headers: { 'content-type': 'text/plain; charset=UTF-8' },
          body: JSON.stringify(body),
        }),
      ),
    );
  return { send, confirmed, queue };
}

describe('SNS over HTTP', () => {
  test.each(['notification-v1', 'notification-v2'] as const)('takes in a signed %s without any token', async (name) => {
    const { send, queue } = setUp();
    const response = await send(signed[name]);
    expect([response.status, JSON.parse(response.body).incidents]).toEqual([
      202,
      [expect.stringMatching(/^[a-z2-7]{8}$/)],
    ]);
    expect(await queue.depth()).toMatchObject({ waiting: 1 });
  });

  test('takes the same message in once', async () => {
    const { send, queue } = setUp();
    await send(signed['notification-v2']);
    expect((await send(signed['notification-v2'])).status).toBe(200);
    expect(await queue.depth()).toMatchObject({ waiting: 1 });
  });

  test('confirms the subscription of an expected topic, and of no other', async () => {
    const expected = setUp();
    expect((await expected.send(signed['subscription-v1'])).status).toBe(200);
    expect(expected.confirmed).toEqual([signed['subscription-v1'].SubscribeURL]);
    const other = setUp({ topics: ['arn:aws:sns:us-east-1:111122223333:other'] });
    expect((await other.send(signed['subscription-v1'])).status).toBe(401);
    expect(other.confirmed).toEqual([]);
  });

  const message = signed['notification-v2'];
  test.each([
    ['a changed message', { ...message, Message: message.Message.replace('ALARM', 'OK') }],
    ['a changed subject', { ...message, Subject: 'x' }],
    ['a signature of another version', { ...message, SignatureVersion: '1' }],
    ['no signature', { ...message, Signature: '' }],
    [
      'a certificate from elsewhere',
      { ...message, SigningCertURL: 'https://sns.us-east-1.amazonaws.com.example.com/a.pem' },
    ],
    ['a certificate over http', { ...message, SigningCertURL: message.SigningCertURL.replace('https', 'http') }],
  ])('refuses %s and keeps nothing', async (_what, body) => {
    const { send, queue } = setUp();
    expect((await send(body)).status).toBe(401);
    expect(await queue.depth()).toMatchObject({ waiting: 0 });
  });

  test.each([
    ['an hour old', 3_600_000, 202],
    ['more than an hour old', 3_600_001, 401],
    ['five minutes ahead', -300_000, 202],
    ['more than five minutes ahead', -300_001, 401],
  ])('a message that is %s is answered', async (_what, ageMs, status) => {
    const { send } = setUp({ at: new Date(Date.parse(SENT_AT) + ageMs).toISOString() });
    expect((await send(message)).status).toBe(status);
  });

  test('answers 503, so that SNS tries again, while the certificate cannot be read', async () => {
    const { send } = setUp({ certificate: () => Promise.reject(new HeadroomError('unavailable', 'no route to SNS')) });
    expect((await send(message)).status).toBe(503);
  });

  test.each([
    ['what is no SNS message', { hello: 'world' }],
    ['the Lambda form, which carries no signature', { Records: [{ EventSource: 'aws:sns', Sns: message }] }],
  ])('refuses %s from a caller without the token', async (_what, body) => {
    expect((await setUp().send(body)).status).toBe(401);
  });
});

describe('the URLs that SNS may name', () => {
  test.each([
    ['https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a1.pem', true],
    ['https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a1.pem', true],
    ['https://sns.us-east-1.amazonaws.com:444/a.pem', false],
    ['https://user@sns.us-east-1.amazonaws.com/a.pem', false],
    ['https://sns.us-east-1.amazonaws.com/a.pem?x=1', true],
    ['https://sns.us-east-1.amazonaws.com/a.txt', false],
    ['https://s3.amazonaws.com/sns.us-east-1.amazonaws.com/a.pem', false],
    ['https://sns.us-east-1.amazonaws.com.cn.example/a.pem', false],
    ['not a url', false],
  ])('%s: %s', (url, allowed) => {
    expect(isAwsUrl(url, /\.pem$/)).toBe(allowed);
  });
});
