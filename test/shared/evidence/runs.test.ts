import { expect, test } from 'vitest';
import { runs } from '../../../shared/evidence/runs.ts';
import { ask, line } from './kit.ts';

type Run = { at: number; address?: string; secrets?: readonly string[]; fresh?: boolean; spacingS?: number };

const SET = ['one', 'two', 'three', 'four', 'five'];

function run({ at, address = '10.0.0.1', secrets = SET, fresh = false, spacingS = 0.1 }: Run): string[] {
  const challenge = line({
    at: at - 0.2,
    address,
    appId: null,
    operation: 'Authentication',
    status: 401,
    secret: secrets[0] ?? '',
  });
  const reads = secrets.map((secret, index) => line({ at: at + index * spacingS, address, secret }));
  return fresh ? [challenge, ...reads] : reads;
}

/** Without a refusal there is nothing to explain. */
const REFUSED = line({ at: 450, appId: 'other', address: '10.9.9.9', status: 429 });

test('tells the period, the order and the challenges of an address that reads its set again and again', async () => {
  const lines = [100, 160, 220, 280, 340].flatMap((at) => run({ at, fresh: true }));
  expect(await ask(runs, [...lines, REFUSED])).toEqual([
    expect.objectContaining({
      caller: 'app-a',
      watched: 1,
      rereading: 1,
      setSize: 5,
      runsEach: 5,
      wholeShare: 1,
      gapMsP50: 60_000,
      gapVariation: 0,
      sameOrderShare: 1,
      challengesEach: 1,
    }),
  ]);
});

test('knows a client that is kept, and a set that is read in another order each time', async () => {
  const shuffled = [SET, ['three', 'five', 'one', 'two', 'four'], ['five', 'one', 'four', 'two', 'three']];
  const lines = shuffled.flatMap((secrets, index) => run({ at: 100 + 60 * index, secrets }));
  const [row] = await ask(runs, [...lines, REFUSED]);
  expect(row).toMatchObject({ runsEach: 3, challengesEach: 0 });
  expect(row?.sameOrderShare).toBeCloseTo(1 / 3);
});

test('an address that reads its set twice has no rhythm', async () => {
  expect(await ask(runs, [...run({ at: 100 }), ...run({ at: 160 }), REFUSED])).toEqual([]);
});

test('secrets that are read each on its own time are no set that is read whole', async () => {
  const lines = SET.flatMap((secret, index) =>
    Array.from({ length: 8 }, (_, time) => line({ at: 10 + 17 * index + 90 * time, secret })),
  );
  expect(await ask(runs, [...lines, REFUSED])).toEqual([]);
});

test('a set that is read again after a second or two is read for each piece of work', async () => {
  const lines = Array.from({ length: 60 }, (_, index) => run({ at: 100 + 2 * index })).flat();
  expect(await ask(runs, [...lines, REFUSED])).toEqual([]);
});

test('periods that differ show in how they vary', async () => {
  const gaps = [20, 120, 30, 90, 40, 60, 10];
  const lines = gaps.flatMap((_, index) => run({ at: 50 + gaps.slice(0, index).reduce((sum, gap) => sum + gap, 0) }));
  const [row] = await ask(runs, [...lines, REFUSED]);
  expect(row?.gapVariation).toBeGreaterThan(0.5);
});

test('retries neither begin a run nor move the period', async () => {
  const lines = [100, 160, 220, 280, 340].flatMap((at) => run({ at }));
  const refused = [
    line({ at: 400, status: 429 }),
    line({ at: 401, status: 429 }),
    line({ at: 403, status: 429 }),
    line({ at: 417, status: 429 }),
    ...run({ at: 433 }),
    ...run({ at: 493 }),
  ];
  const [row] = await ask(runs, [...lines, ...refused]);
  expect(row).toMatchObject({ runsEach: 7, gapMsP50: 60_000, gapVariation: 0 });
});

test('a restart begins a run even where the one before ended in refusals', async () => {
  const crash = (at: number): string[] => [
    line({ at: at - 0.2, appId: null, operation: 'Authentication', status: 401 }),
    line({ at, status: 429 }),
    line({ at: at + 1, status: 429 }),
  ];
  const whole = [100, 130, 160, 190].flatMap((at) => run({ at, fresh: true }));
  const [row] = await ask(runs, [...whole, ...crash(220), ...crash(250), ...run({ at: 280, fresh: true })]);
  expect(row).toMatchObject({ runsEach: 7, gapMsP50: 30_000 });
  expect(row?.challengesEach).toBeCloseTo(7 / 5);
  expect(row?.wholeShare).toBeCloseTo(5 / 7);
});

test('watches from before the incident, and at most forty addresses', async () => {
  const lines = Array.from({ length: 50 }, (_, address) =>
    [-1_500, -900, -300, 300].flatMap((at) =>
      run({ at: at + address, address: `10.0.1.${address}`, secrets: ['one'] }),
    ),
  ).flat();
  const [row] = await ask(runs, [...lines, REFUSED]);
  expect(row).toMatchObject({ watched: 40, rereading: 40, runsEach: 4, gapMsP50: 600_000 });
});

test('says nothing where nothing was refused', async () => {
  expect(
    await ask(
      runs,
      [100, 160, 220, 280].flatMap((at) => run({ at })),
    ),
  ).toEqual([]);
});
