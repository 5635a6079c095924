import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeTeamsTime, TEAMS_SKEW_MS, verifyTeamsWebhook } from '../../../../shared/chat/teams/verify.ts';
import recorded from '../../../fixtures/teams/outgoing-webhook.json' with { type: 'json' };

const RECORDED = {
  secrets: [recorded.securityTokenBase64],
  authorization: recorded.headers.authorization,
  raw: Buffer.from(recorded.rawBody),
};

describe('a signature of an outgoing webhook', () => {
  test('that was recorded is believed', () => {
    expect(verifyTeamsWebhook(RECORDED)).toEqual({ ok: true });
  });

  test.each([
    ['with another secret', { secrets: [Buffer.from('another').toString('base64')] }, 'the signature does not fit'],
    ['over other bytes', { raw: Buffer.from(`${recorded.rawBody} `) }, 'the signature does not fit'],
    ['cut short', { authorization: RECORDED.authorization.slice(0, -2) }, 'the signature does not fit'],
    ['as a bearer', { authorization: RECORDED.authorization.replace('HMAC', 'Bearer') }, 'not signed'],
    ['that is empty', { authorization: 'HMAC ' }, 'not signed'],
    ['that is missing', { authorization: undefined }, 'not signed'],
    ['that is endless', { authorization: `HMAC ${'A'.repeat(100_000)}` }, 'not signed'],
  ])('%s is refused', (_what, given, reason) => {
    expect(verifyTeamsWebhook({ ...RECORDED, ...given })).toEqual({ ok: false, reason });
  });

  test.each([
    ['the first', ['RECORDED', 'bmV3'], true],
    ['the second', ['b2xk', 'RECORDED'], true],
    ['none', ['b2xk', 'bmV3'], false],
    ['one of no secrets', [], false],
  ])('while the secret is replaced is believed by either of two: by %s', (_which, names, ok) => {
    const secrets = names.map((name) => (name === 'RECORDED' ? recorded.securityTokenBase64 : name));
    expect(verifyTeamsWebhook({ ...RECORDED, secrets }).ok).toBe(ok);
  });

  test('fits its own bytes and no others, and never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.uint8Array(),
        fc.string({ unit: 'binary' }),
        (key, raw, other) => {
          const secret = Buffer.from(key).toString('base64');
          const authorization = `HMAC ${createHmac('sha256', key).update(raw).digest('base64')}`;
          expect(verifyTeamsWebhook({ secrets: [secret], authorization, raw })).toEqual({ ok: true });
          expect(verifyTeamsWebhook({ secrets: [secret], authorization, raw: Uint8Array.from([...raw, 1]) }).ok).toBe(
            false,
          );
          expect(verifyTeamsWebhook({ secrets: [secret], authorization: other, raw }).ok).toBe(false);
        },
      ),
    );
  });
});

test('a message is believed up to five minutes from now, in either direction', () => {
  const nowMs = Date.parse('2026-11-20T14:00:00.000Z');
  const at = (offMs: number) => judgeTeamsTime(new Date(nowMs + offMs).toISOString(), nowMs);
  expect(at(-TEAMS_SKEW_MS)).toEqual({ ok: true });
  expect(at(-TEAMS_SKEW_MS - 1)).toEqual({ ok: false, reason: 'written too long ago' });
  expect(at(TEAMS_SKEW_MS)).toEqual({ ok: true });
  expect(at(TEAMS_SKEW_MS + 1)).toEqual({ ok: false, reason: 'written in the future' });
  expect(judgeTeamsTime('yesterday', nowMs)).toEqual({ ok: false, reason: 'the timestamp is no time' });
});
