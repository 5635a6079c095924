import { describe, expect, test } from 'vitest';
import { enumeration } from '../../../shared/diagnoses/enumeration.ts';
import { keyTypeLimit } from '../../../shared/diagnoses/key-type-limit.ts';
import { noisyNeighbour } from '../../../shared/diagnoses/noisy-neighbour.ts';
import { serviceCaller } from '../../../shared/diagnoses/service-caller.ts';
import { subscriptionLimit } from '../../../shared/diagnoses/subscription-limit.ts';
import { writePressure } from '../../../shared/diagnoses/write-pressure.ts';
import type { Cause, Evidence } from '../../../shared/model.ts';
import type { ScenarioName } from '../../../simulation/play.ts';
import { tell } from '../scenario.ts';
import { diagnoseBy } from './kit.ts';
import { evidenceOf, type Offer, quiet, served, steady } from './lanes.ts';

const DIAGNOSES = [serviceCaller, enumeration, writePressure, keyTypeLimit, subscriptionLimit, noisyNeighbour];
const STORM = { from: 600, to: 630 };
const SUMMARY_MAX = 70;

function causesIn(evidence: Evidence): Cause[] {
  return DIAGNOSES.flatMap((diagnosis) => diagnoseBy(diagnosis, evidence));
}

const VICTIM = steady({ operation: 'SecretGet', appId: 'victim' }, { from: 500, to: 700, perS: 4, targets: 400 });
const LISTER = [0, 1, 2, 3].flatMap((round) =>
  Array.from({ length: 201 }, (_, index): Offer => {
    const operation = index === 0 ? 'SecretList' : 'SecretGet';
    return { at: 600 + round * 8 + index / 30, appId: 'lister', operation, secret: index === 0 ? '' : `s${index}` };
  }),
);

describe.each([
  ['service-caller', steady({ operation: 'KeySign', appId: 'a' }, { ...STORM, perS: 450 }), {}],
  ['key-type-limit', steady({ operation: 'KeyDecrypt', appId: 'a' }, { ...STORM, perS: 70 }), { key: 500 }],
  ['write-pressure', steady({ operation: 'SecretSet', appId: 'a' }, { ...STORM, perS: 45 }), {}],
  ['enumeration', LISTER, { secret: 200 }],
  [
    'subscription-limit',
    steady({ operation: 'SecretGet', appId: 'a' }, { ...STORM, perS: 150, targets: 5 }),
    { secret: 1_400 },
  ],
  [
    'noisy-neighbour',
    [...VICTIM, ...steady({ operation: 'SecretGet', appId: 'a' }, { ...STORM, perS: 450, targets: 9_000 })],
    {},
  ],
])('a log of %s', (kind, offers, admits) => {
  test('is told apart from its neighbours, by facts that the evidence holds', async () => {
    const evidence = await evidenceOf(served([...quiet(), ...offers], admits));
    const causes = causesIn(evidence);
    // A vault that is refused far below its own limit is that whatever else it is.
    const told = causes.map((cause) => cause.kind).filter((name) => name === kind || name !== subscriptionLimit.kind);
    expect(told).toEqual([kind]);
    for (const { facts, summary } of causes) {
      expect(summary.length).toBeLessThanOrEqual(SUMMARY_MAX);
      for (const { from } of facts) {
        const reading = evidence.readings.find((each) => each.kind === from.kind && each.window === from.window);
        expect(
          reading?.state === 'read' && reading.rows.some((row) => from.column in row),
          `${from.kind}.${from.column}`,
        ).toBe(true);
      }
    }
  });
});

test.each<ScenarioName>(['healthy', 'stampede', 'storm', 'missing-cache'])(
  'a log of %s shows none of them',
  async (name) => {
    const { evidence } = await tell(name, { seed: 6 });
    expect(causesIn(evidence)).toEqual([]);
  },
);
