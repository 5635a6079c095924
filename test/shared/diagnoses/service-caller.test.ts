import { beforeAll, expect, test } from 'vitest';
import { serviceCaller } from '../../../shared/diagnoses/service-caller.ts';
import type { Cause, Evidence } from '../../../shared/model.ts';
import { type Changes, changed, diagnoseBy, without } from './kit.ts';
import { evidenceOf, quiet, served, sharing, steady } from './lanes.ts';

const SIGN = { operation: 'KeySign', appId: 'signer' };
const APP_SERVICE = 'abfa0a7c-a6b6-4736-8310-5855508787cd';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf(served([...quiet(SIGN), ...steady(SIGN, { from: 600, to: 640, perS: 480 })]));
});

/** The caller gets keys so many times as often as it signs. */
function gettingKeys(times: number): Evidence {
  return {
    ...evidence,
    readings: evidence.readings.map((reading) =>
      reading.kind !== 'operations' || reading.state !== 'read'
        ? reading
        : {
            ...reading,
            rows: reading.rows.flatMap((row) =>
              row['caller'] === 'signer'
                ? [row, { ...row, operation: 'KeyGet', requests: Number(row['requests']) * times }]
                : [row],
            ),
          },
    ),
  };
}

function causes(changes: Changes): Cause[] {
  return diagnoseBy(serviceCaller, changed(evidence, changes));
}

test('an application that signs beyond the limit is the cause, and what changed', () => {
  const [cause, ...others] = diagnoseBy(serviceCaller, evidence);
  expect(others).toEqual([]);
  expect(cause).toMatchObject({
    caller: { id: 'signer' },
    role: 'trigger',
    verdict: 'confirmed',
    summary: 'sign calls use up what the vault admits for keys',
  });
  const onset = (Date.parse(cause?.onset ?? '') - Date.parse('2026-01-05T10:10:00.000Z')) / 1000;
  expect(onset).toBeGreaterThanOrEqual(0);
  expect(onset).toBeLessThan(5);
});

test.each<[string, Changes, number]>([
  ['three tenths of the work with keys', sharing('signer', 'key', 30), 1],
  ['less of it', sharing('signer', 'key', 29), 0],
])('%s gives %i', (_what, changes, count) => {
  expect(causes(changes).filter(({ caller }) => caller?.id === 'signer')).toHaveLength(count);
});

test.each([
  [1, 1],
  [1.01, 0],
])('who gets keys %f times as often as it signs is named %i times', (times, count) => {
  expect(diagnoseBy(serviceCaller, gettingKeys(times))).toHaveLength(count);
});

test.each([
  [0.61, 1],
  [0.59, 0],
  [0.54, 1],
  [0.44, 0],
])(
  'where %f of the general limit is admitted there are %i: what is neither near it nor the older one is a heavier key',
  async (share, count) => {
    const admits = { key: 4000 * share };
    const lines = served([...quiet(SIGN), ...steady(SIGN, { from: 600, to: 625, perS: 700 * share })], admits);
    expect(diagnoseBy(serviceCaller, await evidenceOf(lines))).toHaveLength(count);
  },
);

test('who always worked as much is a condition', () => {
  const readings = evidence.readings.map((reading) =>
    reading.kind === 'callers' && reading.state === 'read' && reading.window === 'hour-before'
      ? { ...reading, rows: reading.rows.map((row) => ({ ...row, peak10s: 1_000_000 })) }
      : reading,
  );
  expect(diagnoseBy(serviceCaller, { ...evidence, readings })).toMatchObject([{ role: 'condition' }]);
});

test('a service of the platform is named, whatever it does', async () => {
  const reads = { operation: 'SecretGet', appId: APP_SERVICE };
  const lines = served([...quiet(reads), ...steady(reads, { from: 600, to: 615, perS: 60 })], { secret: 200 });
  expect(diagnoseBy(serviceCaller, await evidenceOf(lines))).toMatchObject([
    { caller: { appId: APP_SERVICE, displayName: 'Azure App Service' } },
  ]);
});

test('is never offered a secret cache', () => {
  expect(serviceCaller.fixes.filter((id) => /cache|configuration|bundle/.test(id))).toEqual([]);
});

test.each(serviceCaller.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(serviceCaller, without(evidence, [kind]))).toEqual([]);
});
