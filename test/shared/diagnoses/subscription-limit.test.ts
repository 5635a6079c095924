import { describe, expect, test } from 'vitest';
import { subscriptionLimit } from '../../../shared/diagnoses/subscription-limit.ts';
import type { Evidence, Reading } from '../../../shared/model.ts';
import { diagnoseBy, expectFactsToHold, without } from './kit.ts';
import { evidenceOf, quiet, served, steady } from './lanes.ts';

const READ = { operation: 'SecretGet', appId: 'burst' };

async function refusedAt(max: number, asked = READ) {
  const burst = steady(asked, { from: 600, to: 612, perS: max / 9.5 });
  return evidenceOf(served([...quiet(), ...burst], { secret: max, key: max }));
}

test('a vault that is refused far below its own limit may have met that of its subscription: never more than that', async () => {
  const evidence = await refusedAt(1400);
  const [cause, ...others] = diagnoseBy(subscriptionLimit, evidence);
  expect(others).toEqual([]);
  expect(cause).toMatchObject({
    verdict: 'inconclusive',
    victims: expect.arrayContaining([expect.objectContaining({ id: 'burst' })]),
    facts: expect.arrayContaining([expect.objectContaining({ label: 'The limit of its subscription', value: 20_000 })]),
  });
  expect(cause?.caller).toBeUndefined();
  for (const kind of subscriptionLimit.needs.filter((each) => each !== 'coverage' && each !== 'siblings'))
    expect(diagnoseBy(subscriptionLimit, without(evidence, [kind])), kind).toEqual([]);
});

test('one that came nearer to its own limit met that one', async () => {
  expect(diagnoseBy(subscriptionLimit, await refusedAt(1650))).toEqual([]);
});

test('keys that are refused early are heavier keys first of all', async () => {
  expect(diagnoseBy(subscriptionLimit, await refusedAt(500, { operation: 'KeySign', appId: 'burst' }))).toEqual([]);
});

test('a vault where next to nothing was refused is not looked at', async () => {
  expect(diagnoseBy(subscriptionLimit, await evidenceOf(served(quiet())))).toEqual([]);
});

describe('beside the metrics of its siblings', () => {
  const MINUTES = 20;
  /** The vault refuses in the tenth minute; so many requests of each vault, in each minute. */
  function around(evidence: Evidence, vaults: { perMinute: number; refused?: number; minutes?: number }[]): Evidence {
    const rows = vaults.flatMap(({ perMinute, refused = 0, minutes = MINUTES }, nth) =>
      [['200', perMinute] as const, ['429', refused] as const].map(([split, count]) => ({
        resource: nth === 0 ? evidence.resource.id : `${evidence.resource.id}-${nth}`,
        metric: 'ServiceApiResult',
        split,
        fromMinute: Math.floor(Date.parse(evidence.from) / 60_000),
        perMinute: Array<number>(minutes).fill(count),
        given: Array<number>(minutes).fill(1),
      })),
    );
    const reading: Reading = {
      kind: 'siblings',
      store: 'azure-metrics',
      window: 'incident',
      readAt: evidence.to,
      state: 'read',
      rows,
      truncated: false,
      completeness: null,
    };
    return { ...evidence, readings: [...evidence.readings, reading] };
  }

  const OWN = { perMinute: 1_500 };
  test.each<[string, { perMinute: number; refused?: number }[], string | undefined]>([
    ['that had no time for the shared limit', [OWN, { perMinute: 10_000 }], undefined],
    ['that together stay just below one window of it', [OWN, { perMinute: 18_499, refused: 40 }], undefined],
    ['that may have met it within a minute', [OWN, { perMinute: 18_500 }], 'inconclusive'],
    ['that refused as well', [OWN, { perMinute: 18_500, refused: 1 }], 'likely'],
    ['that had nearly all that its windows admit', [OWN, { perMinute: 106_500 }], 'likely'],
    [
      'that had nearly all, and refused as well',
      [OWN, { perMinute: 106_500, refused: 9 }, { perMinute: 3 }],
      'confirmed',
    ],
  ])('it says of vaults %s what they allow to say', async (_what, vaults, verdict) => {
    const evidence = around(await refusedAt(1400), vaults);
    expect(diagnoseBy(subscriptionLimit, evidence).map((cause) => cause.verdict)).toEqual(verdict ? [verdict] : []);
  });

  test('it names how many share the limit, what they served, and the busiest of them', async () => {
    const evidence = around(await refusedAt(1400), [OWN, { perMinute: 90_000, refused: 2 }, { perMinute: 20_000 }]);
    const [cause] = diagnoseBy(subscriptionLimit, evidence);
    expect(cause).toMatchObject({ verdict: 'confirmed', explains: 1 });
    expect(cause?.summary).toMatch(/^refused at \d+ % of its limit while another vault refused as well/);
    expect(cause?.facts.map(({ label, value }) => `${label}: ${value}`)).toEqual(
      expect.arrayContaining([
        'Vaults of the subscription in this region: 3',
        'Most that all of them served: 111500',
        'Others that refused in the same minutes: 1',
        'Busiest other vault, kv-contoso-1: 90000',
      ]),
    );
    expectFactsToHold(subscriptionLimit, evidence);
  });

  test('minutes that the metrics do not know of yet leave it open', async () => {
    const evidence = around(await refusedAt(1400), [
      { ...OWN, minutes: 3 },
      { perMinute: 120_000, minutes: 3 },
    ]);
    expect(diagnoseBy(subscriptionLimit, evidence)[0]?.verdict).toBe('inconclusive');
  });
});
