import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  base,
  type Destination,
  desireRevision,
  isDue,
  reasonOf,
  settleEffect,
  withDoubt,
} from '../../../shared/incidents/effects.ts';
import type { Effect, EffectReason, Finding, Incident, Verdict } from '../../../shared/model.ts';
import { alertOf, at, incidentOf } from './alerts.ts';

const BOT: Destination = { key: 'slack-bot:C1', canEdit: true };
const WEBHOOK: Destination = { key: 'slack-webhook', canEdit: false };

/** As `pipeline/post.ts` claims a due effect. */
function claimed(effect: Effect): Effect {
  return {
    ...base(effect),
    state: 'sending',
    worker: 'w',
    until: at(30),
    of: effect.revision,
    why: effect.state === 'sending' ? effect.why : effect.reason,
  };
}

function delivered(effect: Effect, canEdit: boolean): Effect {
  return settleEffect(claimed(effect), { ref: 'r', hash: `h${effect.revision}`, at: at(0) }, canEdit);
}

/** One destination that is told of these reasons, each delivered before the next; gives what was sent. */
function sentTo(destination: Destination, reasons: EffectReason[]): [EffectReason, number][] {
  const sent: [EffectReason, number][] = [];
  let effects: Effect[] = [];
  for (const [i, reason] of reasons.entries())
    effects = desireRevision(effects, [destination], i + 1, reason).map((effect) => {
      if (!isDue(effect, at(0))) return effect;
      sent.push([effect.reason, effect.revision]);
      return delivered(effect, destination.canEdit);
    });
  return sent;
}

describe('what a destination is sent', () => {
  test.each<[string, Destination, EffectReason[], [EffectReason, number][]]>([
    ['the post', WEBHOOK, ['post'], [['post', 1]]],
    ['no updates where nothing can be edited', WEBHOOK, ['post', 'update', 'update'], [['post', 1]]],
    [
      'three messages at most there',
      WEBHOOK,
      ['post', 'update', 'finding', 'update', 'resolve', 'update'],
      [
        ['post', 1],
        ['finding', 3],
        ['resolve', 5],
      ],
    ],
    [
      'the resolve only once',
      WEBHOOK,
      ['post', 'resolve', 'update', 'resolve', 'finding', 'finding'],
      [
        ['post', 1],
        ['resolve', 2],
        ['finding', 5],
      ],
    ],
    [
      'every revision where messages can be edited',
      BOT,
      ['post', 'update', 'finding', 'resolve'],
      [
        ['post', 1],
        ['update', 2],
        ['finding', 3],
        ['resolve', 4],
      ],
    ],
    ['a post first, whatever the reason', BOT, ['update'], [['post', 1]]],
  ])('%s', (_what, destination, reasons, expected) => {
    expect(sentTo(destination, reasons)).toEqual(expected);
  });

  test('a destination that is routed to later begins with a post of what is desired then', () => {
    const effects = desireRevision([], [BOT], 1, 'post').map((effect) => delivered(effect, true));
    expect(desireRevision(effects, [BOT, WEBHOOK], 2, 'update')).toMatchObject([
      { key: BOT.key, revision: 2, state: 'pending', reason: 'update' },
      { key: WEBHOOK.key, revision: 2, state: 'pending', reason: 'post' },
    ]);
  });

  test('effects of destinations that are not named are kept as they are', () => {
    const effects = desireRevision([], [BOT, WEBHOOK], 1, 'post');
    expect(desireRevision(effects, [BOT], 2, 'update').find(({ key }) => key === WEBHOOK.key)).toBe(effects[1]);
  });

  test('what could not be sent yet is still a post, of the newer revision', () => {
    const [effect] = desireRevision(desireRevision([], [WEBHOOK], 1, 'post'), [WEBHOOK], 2, 'finding');
    expect(effect).toMatchObject({ state: 'pending', reason: 'post', revision: 2 });
  });

  test('what failed for good is tried anew with a newer revision', () => {
    const failed: Effect = {
      key: BOT.key,
      revision: 1,
      reason: 'post',
      attempts: 3,
      state: 'failed',
      kind: 'denied',
      message: 'no',
    };
    expect(desireRevision([failed], [BOT], 2, 'update')).toEqual([
      { key: BOT.key, revision: 2, reason: 'post', attempts: 0, state: 'pending' },
    ]);
  });
});

describe('a revision that comes while one is on its way', () => {
  const sending = claimed({ key: BOT.key, revision: 1, reason: 'post', attempts: 2, state: 'pending' });

  test('leaves the send alone and is due once that has ended', () => {
    const [during] = desireRevision([sending], [BOT], 2, 'update');
    expect(during).toMatchObject({ state: 'sending', of: 1, why: 'post', revision: 2, reason: 'update' });
    const after = during && settleEffect(during, { ref: 'r', hash: 'h', at: at(1) }, true);
    expect(after).toEqual({
      key: BOT.key,
      revision: 2,
      reason: 'update',
      attempts: 0,
      state: 'pending',
      delivered: { ref: 'r', revision: 1, hash: 'h', at: at(1), reasons: ['post'] },
    });
  });

  test('is no message of its own where nothing can be edited, unless it deserves one', () => {
    const ended = (reason: EffectReason): Effect[] =>
      desireRevision([{ ...sending, key: WEBHOOK.key }], [WEBHOOK], 2, reason).map((effect) =>
        settleEffect(effect, { ref: null, hash: 'h', at: at(1) }, false),
      );
    expect(ended('update')).toMatchObject([{ state: 'sent', delivered: { revision: 1 } }]);
    expect(ended('finding')).toMatchObject([{ state: 'pending', revision: 2, reason: 'finding' }]);
  });

  test('a send whose end was not known, and now is, leaves no doubt behind', () => {
    const unsure: Effect = { ...sending, unsure: 'crash', possibleRepeat: true };
    const settled = settleEffect(unsure, { ref: 'r', hash: 'h', at: at(1) }, true);
    expect(settled.unsure).toBe(undefined);
    expect(settled.possibleRepeat).toBe(true);
  });

  test('the end of a send that nobody waits for any more changes nothing', () => {
    const pending: Effect = { key: BOT.key, revision: 2, reason: 'post', attempts: 0, state: 'pending' };
    expect(settleEffect(pending, { ref: 'r', hash: 'h', at: at(1) }, true)).toBe(pending);
  });
});

describe('when an effect is due', () => {
  const pending: Effect = { key: 'k', revision: 1, reason: 'post', attempts: 0, state: 'pending' };
  const sending: Effect = { ...base(pending), state: 'sending', worker: 'w', until: at(30), of: 1, why: 'post' };

  test.each<[string, Effect, number, boolean]>([
    ['pending', pending, 0, true],
    ['pending before its time', { ...pending, notBefore: at(30) }, 29, false],
    ['pending at its time', { ...pending, notBefore: at(30) }, 30, true],
    ['on its way', sending, 29, false],
    ['on its way, its sender dead', sending, 30, true],
    ['sent', { ...base(pending), state: 'sent', ref: 'r', hash: 'h' }, 99, false],
    ['failed', { ...base(pending), state: 'failed', kind: 'denied', message: 'no' }, 99, false],
  ])('%s', (_what, effect, seconds, due) => {
    expect(isDue(effect, at(seconds))).toBe(due);
  });
});

describe('why a message changes', () => {
  const finding = (verdict: Verdict): Finding => ({
    kind: 'k',
    verdict,
    role: 'trigger',
    confidence: 1,
    explains: 1,
    victims: [],
    facts: [],
    summary: 's',
    fixes: [],
  });
  const open: Incident = incidentOf(alertOf());
  const over: Incident = incidentOf(alertOf(), alertOf({ state: 'resolved', seconds: 60 }));

  test.each<[string, Incident, Incident, EffectReason]>([
    ['it ends', open, over, 'resolve'],
    ['it ends with a finding', open, { ...over, findings: [finding('likely')] }, 'resolve'],
    ['the first likely finding', open, { ...open, findings: [finding('likely')] }, 'finding'],
    ['the first confirmed finding', open, { ...open, findings: [finding('confirmed')] }, 'finding'],
    ['a finding that says little', open, { ...open, findings: [finding('inconclusive')] }, 'update'],
    [
      'another finding',
      { ...open, findings: [finding('likely')] },
      { ...open, findings: [finding('confirmed')] },
      'update',
    ],
    ['it is reopened', over, open, 'update'],
    ['it goes on', open, open, 'update'],
  ])('%s', (_what, before, after, reason) => {
    expect(reasonOf(before, after)).toBe(reason);
  });
});

describe('any history of revisions, sends, failures and crashes', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('desire' as const),
      reason: fc.constantFrom<EffectReason[]>('update', 'finding', 'resolve'),
    }),
    fc.record({ kind: fc.constantFrom('claim' as const, 'end' as const, 'fail' as const), edits: fc.boolean() }),
  );

  test('sends no revision below one delivered, and at most three messages where nothing can be edited', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let revision = 1;
        let effects = desireRevision([], [BOT, WEBHOOK], revision, 'post');
        const sends: { key: string; of: number; why: EffectReason }[] = [];
        const change = (edits: boolean, apply: (effect: Effect) => Effect): void => {
          const { key } = edits ? BOT : WEBHOOK;
          effects = effects.map((effect) => (effect.key === key ? apply(effect) : effect));
        };
        for (const one of steps) {
          if (one.kind === 'desire') effects = desireRevision(effects, [BOT, WEBHOOK], ++revision, one.reason);
          else if (one.kind === 'claim')
            change(one.edits, (effect) => (isDue(effect, at(0)) ? claimed(effect) : effect));
          else if (one.kind === 'fail')
            change(one.edits, (effect) =>
              effect.state === 'sending' ? { ...base(effect), state: 'pending' } : effect,
            );
          else
            change(one.edits, (effect) => {
              if (effect.state !== 'sending') return effect;
              expect(effect.of).toBeGreaterThanOrEqual(effect.delivered?.revision ?? 0);
              sends.push({ key: effect.key, of: effect.of, why: effect.why });
              return settleEffect(effect, { ref: null, hash: 'h', at: at(0) }, one.edits);
            });
          for (const effect of effects) expect(effect.revision).toBeLessThanOrEqual(revision);
        }
        const toWebhook = sends.filter(({ key }) => key === WEBHOOK.key).map(({ why }) => why);
        expect(toWebhook.length).toBeLessThanOrEqual(3);
        expect(new Set(toWebhook).size).toBe(toWebhook.length);
        const toBot = sends.filter(({ key }) => key === BOT.key).map(({ of }) => of);
        expect(toBot).toEqual(toBot.toSorted((a, b) => a - b));
      }),
      { numRuns: 2_000 },
    );
  });
});

test('what may have arrived stays in doubt, whatever is sent in between', () => {
  const [posted] = desireRevision([], [WEBHOOK], 1, 'post').map((effect) => delivered(effect, false));
  const [ended] = desireRevision(posted ? [posted] : [], [WEBHOOK], 2, 'resolve');
  if (!ended) throw new Error('the end is not to be sent');
  const unanswered: Effect = { ...withDoubt(base(ended), 'resolve'), state: 'pending' };
  const between = desireRevision([unanswered], [WEBHOOK], 3, 'finding').map((effect) => delivered(effect, false));
  expect(between).toMatchObject([{ state: 'sent', doubted: ['resolve'] }]);
  expect(desireRevision(between, [WEBHOOK], 4, 'resolve')).toMatchObject([
    { state: 'pending', reason: 'resolve', doubted: ['resolve'] },
  ]);
});
