import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTeamsActivity } from '../../../../shared/chat/teams/activity.ts';
import recorded from '../../../fixtures/teams/outgoing-webhook.json' with { type: 'json' };

const withText = (text: string) => readTeamsActivity(Buffer.from(JSON.stringify({ ...recorded.activity, text })));

describe('a message to the outgoing webhook', () => {
  test('is read as recorded', () => {
    expect(readTeamsActivity(Buffer.from(recorded.rawBody))).toEqual({
      timestamp: '2026-01-05T10:01:00.000Z',
      objectId: '99999999-9999-9999-9999-999999999999',
      name: 'Alex',
      tenantId: '22222222-2222-2222-2222-222222222222',
      text: 'status kv-contoso',
      once: '19:example@thread.tacv2;messageid=1767607260000 1767607260000',
    });
  });

  test.each([
    ['<at>headroom</at>&nbsp;status', 'status'],
    ['<at id="0">headroom</at> why <b>kv</b>', 'why  kv'],
    ['<p><at>headroom</at> top kv&amp;co 2h</p>', 'top kv&co 2h'],
    ['<at>headroom</at> assign k &lt;b&gt;', 'assign k <b>'],
    ['<at>headroom</at>', ''],
    ['', ''],
  ])('says what was typed: %s', (text, typed) => {
    expect(withText(text)?.text).toBe(typed);
  });

  test('of any kind never throws, and is never longer than a command', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.constant('<'.repeat(9_000))), (text) => {
        expect(withText(text)?.text.length ?? 0).toBeLessThanOrEqual(2_000);
        expect(readTeamsActivity(Buffer.from(text))).toBeNull();
      }),
      { numRuns: 200 },
    );
    fc.assert(fc.property(fc.anything(), (value) => void readTeamsActivity(Buffer.from(JSON.stringify(value) ?? ''))));
  });
});
