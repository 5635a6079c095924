import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cause } from '../../../shared/model.ts';
import { rank, type Weighed } from '../../../shared/pipeline/rank.ts';

const AT = '2026-01-05T10:00:00.000Z';

function cause(kind: string, { weight, ...more }: Partial<Cause> & { weight?: number } = {}): Weighed {
  const base = { verdict: 'likely', role: 'trigger', confidence: 0.8, explains: 0.5, onset: AT } as const;
  const whole = { kind, ...base, victims: [], facts: [], summary: '', ...more };
  return { cause: whole, weight: weight ?? whole.explains };
}

function later(seconds: number): string {
  return new Date(Date.parse(AT) + seconds * 1000).toISOString();
}

function order(...told: Weighed[]): string[] {
  return rank(told).map((each) => each.cause.kind);
}

describe('causes are told', () => {
  test.each([
    [
      'triggers, amplifiers, conditions',
      [cause('c', { role: 'condition', explains: 1 }), cause('b', { role: 'amplifier' }), cause('a')],
      'abc',
    ],
    ['the trigger that began first', [cause('b', { onset: later(31), explains: 0.9 }), cause('a')], 'ab'],
    [
      'of triggers that began together, what explains more',
      [cause('b'), cause('a', { onset: later(30), explains: 0.9 })],
      'ab',
    ],
    [
      'what is inconclusive last',
      [cause('b', { verdict: 'inconclusive', explains: 1 }), cause('a', { role: 'condition', explains: 0.2 })],
      'ab',
    ],
    [
      'a trigger that explains little after one that explains much',
      [cause('b', { explains: 0.19 }), cause('a', { onset: later(300), explains: 0.6 })],
      'ab',
    ],
    [
      'not one whose cure only spreads it, where much would go with its load',
      [cause('b', { explains: 0.9, onset: later(60) }), cause('a', { explains: 0.05, weight: 0.2 })],
      'ab',
    ],
    [
      'a limit beyond the vault first, and its own callers as they are',
      [
        cause('c', { role: 'amplifier' }),
        cause('d', { explains: 0.9 }),
        cause('subscription-limit', { verdict: 'inconclusive', explains: 0, onset: later(60) }),
        cause('transient', { role: 'condition', explains: 1, verdict: 'confirmed' }),
      ],
      'subscription-limitctransientd',
    ],
    ['a trigger without a known onset after one with it', [cause('b', { explains: 0.9 }), cause('a')], 'ba'],
    ['what is over and hurt nobody alone', [cause('transient', { role: 'condition', explains: 1 })], 'transient'],
    ['nothing of it beside another cause', [cause('transient', { role: 'condition', explains: 1 }), cause('a')], 'a'],
    [
      'it, beside what only is open',
      [cause('transient', { role: 'condition', explains: 1 }), cause('b', { verdict: 'inconclusive' })],
      'transientb',
    ],
  ])('%s', (_what, told, expected) => {
    expect(order(...told).join('')).toBe(expected);
  });

  test('in an order that does not depend on that of the input, each once', () => {
    const any = fc.record({
      kind: fc.constantFrom('a', 'b', 'c', 'd'),
      role: fc.constantFrom('trigger', 'amplifier', 'condition'),
      verdict: fc.constantFrom('confirmed', 'likely', 'inconclusive'),
      explains: fc.double({ min: 0, max: 1, noNaN: true }),
      onset: fc.integer({ min: 0, max: 100 }).map(later),
    });
    fc.assert(
      fc.property(
        fc
          .uniqueArray(any, { selector: ({ kind }) => kind })
          .chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length }))),
        ([told, shuffled]) => {
          const kinds = told.map(({ kind, ...more }) => cause(kind, more as Partial<Cause>));
          const again = shuffled.map(({ kind, ...more }) => cause(kind, more as Partial<Cause>));
          expect(order(...again)).toEqual(order(...kinds));
          expect(order(...kinds).sort()).toEqual(told.map(({ kind }) => kind).sort());
        },
      ),
    );
  });
});
