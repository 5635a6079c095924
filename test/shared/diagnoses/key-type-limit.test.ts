import { beforeAll, describe, expect, test } from 'vitest';
import { keyTypeLimit } from '../../../shared/diagnoses/key-type-limit.ts';
import type { Cause, Evidence } from '../../../shared/model.ts';
import { changed, diagnoseBy, without } from './kit.ts';
import { evidenceOf, quiet, served, sharing, steady } from './lanes.ts';

const SIGN = { operation: 'KeySign', appId: 'signer' };
const STORM = { from: 600, to: 640 };

async function refusedAt(max: number, keyProperties?: unknown): Promise<Evidence> {
  const signing = { ...SIGN, ...(keyProperties !== undefined && { keyProperties }) };
  const storm = steady(signing, { ...STORM, perS: (1.3 * max) / 10 });
  return evidenceOf(served([...quiet(signing), ...storm], { key: max }));
}

async function toldAt(max: number, keyProperties?: unknown): Promise<Cause[]> {
  return diagnoseBy(keyTypeLimit, await refusedAt(max, keyProperties));
}

describe('keys refused at the limit of RSA 4096', () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await refusedAt(500);
  });

  test('are at most likely of that kind where the log does not tell it', () => {
    expect(diagnoseBy(keyTypeLimit, evidence)).toMatchObject([
      {
        verdict: 'likely',
        role: 'trigger',
        caller: { id: 'signer' },
        summary: 'refused at 500 key operations in 10 s, like RSA 4096',
      },
    ]);
  });

  test.each([
    [30, 1],
    [29, 0],
  ])('are the cause of who makes %i %% of the work with keys: %i', (percent, count) => {
    const causes = diagnoseBy(keyTypeLimit, changed(evidence, sharing('signer', 'key', percent)));
    expect(causes.filter(({ caller }) => caller?.id === 'signer')).toHaveLength(count);
  });

  test.each(keyTypeLimit.needs.filter((kind) => kind !== 'coverage'))('say nothing without %s', (kind) => {
    expect(diagnoseBy(keyTypeLimit, without(evidence, [kind]))).toEqual([]);
  });
});

test.each([
  [250, 'RSA 4096 in an HSM'],
  [1000, 'RSA 3072'],
  [1650, 'RSA 2048 in an HSM'],
  [130, 'RSA 4096 in an HSM'],
])('what is refused at %i is like %s', async (max, kind) => {
  expect((await toldAt(max))[0]?.summary).toBe(
    `refused at ${max.toLocaleString('en-US')} key operations in 10 s, like ${kind}`,
  );
});

test.each([
  ['fits no kind of key', 170],
  ['is near the general limit', 2500],
  ['is the general limit of before', 2000],
])('says nothing of a ceiling that %s', async (_what, max) => {
  expect(await toldAt(max)).toEqual([]);
});

test.each([
  ['that heavier kind', { type: 'RSA', size: 4096 }, [{ verdict: 'confirmed' }]],
  ['a lighter kind', { type: 'RSA', size: 2048 }, []],
  ['a heavier kind, whose limit is another', { type: 'RSA-HSM', size: 2048 }, [{ verdict: 'likely' }]],
])('keys that the log says are of %s', async (_what, keyProperties, expected) => {
  expect(await toldAt(500, keyProperties)).toMatchObject(expected);
});
