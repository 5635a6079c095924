import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SLACK_SKEW_MS, verifySlack } from '../../../../shared/chat/slack/verify.ts';
import press from '../../../fixtures/slack/block-actions.json' with { type: 'json' };
import command from '../../../fixtures/slack/slash-command.json' with { type: 'json' };

/** @see https://docs.slack.dev/authentication/verifying-requests-from-slack (the example worked out there) */
const OFFICIAL = {
  secrets: ['8f742231b10e8888abcd99yyyzzz85a5'],
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  raw: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
  nowMs: 1_531_420_618_000,
};

function sign(secret: string, timestamp: string, raw: Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`;
}

describe('a signature of Slack', () => {
  test('that its documentation works out is believed', () => {
    expect(verifySlack(OFFICIAL)).toEqual({ ok: true, signedAtMs: 1_531_420_618_000 });
  });

  test.each([
    ['a command', command],
    ['a press', press],
  ])('of a recorded request is believed: %s', (_what, { signingSecret: secret, headers, rawBody }) => {
    const timestamp = headers['x-slack-request-timestamp'];
    const signature = headers['x-slack-signature'];
    const raw = Buffer.from(rawBody);
    expect(
      verifySlack({ secrets: [secret], timestamp, signature, raw, nowMs: Number(timestamp) * 1000 }),
    ).toMatchObject({
      ok: true,
    });
  });

  test('is believed up to five minutes from now, in either direction', () => {
    for (const [offMs, ok] of [
      [SLACK_SKEW_MS, true],
      [SLACK_SKEW_MS + 1, false],
      [-SLACK_SKEW_MS, true],
      [-SLACK_SKEW_MS - 1, false],
    ] as const)
      expect(verifySlack({ ...OFFICIAL, nowMs: OFFICIAL.nowMs + offMs }).ok).toBe(ok);
  });

  test.each([
    ['with another secret', { secrets: ['another'] }, 'the signature does not fit'],
    ['over other bytes', { raw: Buffer.concat([OFFICIAL.raw, Buffer.from(' ')]) }, 'the signature does not fit'],
    ['at another time', { timestamp: '1531420619' }, 'the signature does not fit'],
    ['in upper case', { signature: OFFICIAL.signature.toUpperCase() }, 'the signature does not fit'],
    ['cut short', { signature: OFFICIAL.signature.slice(0, -1) }, 'the signature does not fit'],
    ['of another version', { signature: OFFICIAL.signature.replace('v0', 'v1') }, 'the signature does not fit'],
    ['that is empty', { signature: '' }, 'the signature does not fit'],
    ['that is missing', { signature: undefined }, 'not signed'],
    ['without a time', { timestamp: undefined }, 'not signed'],
    ['at no number', { timestamp: 'NaN' }, 'the timestamp is no number'],
    ['at a time with a sign', { timestamp: '+1531420618' }, 'the timestamp is no number'],
    ['at an endless time', { timestamp: '9'.repeat(400) }, 'the timestamp is no number'],
  ])('%s is refused', (_what, given, reason) => {
    expect(verifySlack({ ...OFFICIAL, ...given })).toEqual({ ok: false, reason });
  });

  test.each([
    ['the first', ['8f742231b10e8888abcd99yyyzzz85a5', 'new'], true],
    ['the second', ['old', '8f742231b10e8888abcd99yyyzzz85a5'], true],
    ['none', ['old', 'new'], false],
    ['one of no secrets', [], false],
  ])('while the secret is replaced is believed by either of two: by %s', (_which, secrets, ok) => {
    expect(verifySlack({ ...OFFICIAL, secrets }).ok).toBe(ok);
  });

  test('fits its own bytes, secret and time, and no others', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat({ max: 2_000_000_000 }),
        fc.nat(),
        (secret, raw, second, at) => {
          const timestamp = String(second);
          const given = {
            secrets: [secret],
            timestamp,
            raw,
            signature: sign(secret, timestamp, raw),
            nowMs: second * 1000,
          };
          expect(verifySlack(given)).toEqual({ ok: true, signedAtMs: second * 1000 });
          const other = Uint8Array.from([...raw, 0]);
          other[at % other.length] = ((other[at % other.length] ?? 0) + 1) % 256;
          expect(verifySlack({ ...given, raw: other }).ok).toBe(false);
          expect(verifySlack({ ...given, secrets: [`${secret}x`] }).ok).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (timestamp, signature) => {
        expect(verifySlack({ ...OFFICIAL, timestamp, signature }).ok).toBe(false);
      }),
    );
  });
});
