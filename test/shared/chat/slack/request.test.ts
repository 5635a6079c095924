import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSlackCommand, readSlackInteraction } from '../../../../shared/chat/slack/request.ts';
import press from '../../../fixtures/slack/block-actions.json' with { type: 'json' };
import command from '../../../fixtures/slack/slash-command.json' with { type: 'json' };

const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
const payload = (value: unknown) => form({ payload: JSON.stringify(value) });
const commandWith = (given: Record<string, string>) => readSlackCommand(form({ ...command.fields, ...given }));

describe('a slash command', () => {
  test('is read as recorded', () => {
    expect(readSlackCommand(Buffer.from(command.rawBody))).toEqual({
      kind: 'command',
      person: { team: 'T0000000001', user: 'U0000000001', name: 'alex', home: 'T0000000001' },
      channel: 'C0000000001',
      text: 'status kv-contoso',
      responseUrl: 'https://hooks.slack.com/commands/T0000000001/1/EXAMPLE',
      once: '1.2.EXAMPLE',
    });
  });

  test.each([
    ['why <http://kv-a.vault.azure.net|kv-a.vault.azure.net>', 'why kv-a.vault.azure.net'],
    ['why <https://kv-a.vault.azure.net>', 'why https://kv-a.vault.azure.net'],
    ['assign k3f7q2ab <@U012AB3CD|dana>', 'assign k3f7q2ab @dana'],
    ['assign k3f7q2ab &lt;b&gt; &amp;amp;', 'assign k3f7q2ab <b> &amp;'],
    ['', ''],
  ])('says what was typed: %s', (text, typed) => {
    expect(commandWith({ text })).toMatchObject({ text: typed });
  });

  test('asks whether the certificate is good, or for a challenge', () => {
    expect(readSlackCommand(form({ ssl_check: '1', token: 'x' }))).toEqual({ kind: 'ssl-check' });
    const challenge = Buffer.from(JSON.stringify({ type: 'url_verification', challenge: 'abc', token: 'x' }));
    expect(readSlackCommand(challenge)).toEqual({ kind: 'challenge', challenge: 'abc' });
    expect(readSlackInteraction(challenge)).toEqual({ kind: 'challenge', challenge: 'abc' });
  });

  test.each([
    ['a user that is none', { user_id: '../x' }],
    ['a team that is none', { team_id: '' }],
    ['endless text', { text: 'x'.repeat(9_000) }],
  ])('with %s is none', (_what, given) => {
    expect(commandWith(given)).toBeNull();
  });
});

describe('an interaction', () => {
  const ours = (given: object) =>
    readSlackInteraction(
      payload({
        ...press.payload,
        actions: [{ ...press.payload.actions[0], action_id: 'headroom:ack', value: 'k3f7q2ab', ...given }],
      }),
    );

  test('with a button of ours is a press', () => {
    expect(ours({})).toEqual({
      kind: 'press',
      person: { team: 'T0000000001', user: 'U0000000001', name: 'alex', home: 'T0000000001' },
      channel: 'C0000000001',
      messageTs: '1767607200.000100',
      action: 'ack',
      incidentId: 'k3f7q2ab',
      responseUrl: 'https://hooks.slack.com/actions/T0000000001/1/EXAMPLE',
      triggerId: '1.2.EXAMPLE',
      once: '1.2.EXAMPLE 1767607259.123456',
    });
  });

  test('names the workspace that the person belongs to, which in a shared channel is another', () => {
    const user = { ...press.payload.user, team_id: 'T0STRANGER' };
    const asked = readSlackInteraction(
      payload({ ...press.payload, user, actions: [{ action_id: 'headroom:ack', action_ts: '1' }] }),
    );
    expect(asked).toMatchObject({ person: { team: 'T0STRANGER', home: 'T0000000001' } });
  });

  test.each(['ack_alert', 'headroom:', 'headroom:ack:more', 'x headroom:ack'])(
    'with a button that is not ours (%s) is acknowledged and nothing else',
    (action_id) => {
      expect(ours({ action_id })).toEqual({ kind: 'other' });
    },
  );

  test('that Headroom has no use for is acknowledged and nothing else', () => {
    expect(readSlackInteraction(Buffer.from(press.rawBody))).toEqual({ kind: 'other' });
    expect(readSlackInteraction(payload({ type: 'view_closed' }))).toEqual({ kind: 'other' });
    expect(readSlackInteraction(payload({ type: 'shortcut' }))).toEqual({ kind: 'other' });
  });

  test('that fills in a form names the incident and what was filled in', () => {
    const values = {
      'headroom:duration': { value: { type: 'static_select', selected_option: { value: '2h', text: {} } } },
      'headroom:person': { value: { type: 'plain_text_input', value: null } },
    };
    const view = { id: 'V1', callback_id: 'headroom:silence', private_metadata: 'k3f7q2ab', state: { values } };
    const { user, team } = press.payload;
    expect(readSlackInteraction(payload({ type: 'view_submission', user, team, view }))).toMatchObject({
      kind: 'submission',
      action: 'silence',
      incidentId: 'k3f7q2ab',
      values: { 'headroom:duration': '2h' },
    });
  });

  test('of any kind never throws, nor does a command', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.anything().map((value) => payload(value)),
      fc
        .dictionary(
          fc.constantFrom(...Object.keys(command.fields), 'payload', 'ssl_check'),
          fc.string({ unit: 'binary' }),
        )
        .map(form),
      fc
        .record({
          type: fc.constantFrom('block_actions', 'view_submission'),
          user: fc.anything(),
          actions: fc.anything(),
          view: fc.anything(),
        })
        .map(payload),
    );
    fc.assert(
      fc.property(anything, (raw) => {
        readSlackCommand(raw);
        readSlackInteraction(raw);
      }),
      { numRuns: 500 },
    );
  });
});
