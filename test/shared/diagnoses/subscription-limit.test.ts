import { expect, test } from 'vitest';
import { subscriptionLimit } from '../../../shared/diagnoses/subscription-limit.ts';
import { diagnoseBy, without } from './kit.ts';
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
  for (const kind of subscriptionLimit.needs.filter((each) => each !== 'coverage'))
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
