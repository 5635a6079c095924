import { beforeAll, expect, test } from 'vitest';
import { writePressure } from '../../../shared/diagnoses/write-pressure.ts';
import type { Evidence } from '../../../shared/model.ts';
import { changed, diagnoseBy, without } from './kit.ts';
import { evidenceOf, quiet, served, sharing, steady } from './lanes.ts';

const WRITE = { operation: 'SecretSet', appId: 'writer' };
const READ = { operation: 'SecretGet', appId: 'burst' };

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf(served([...quiet(), ...steady(WRITE, { from: 600, to: 630, perS: 45 })]));
});

test('who writes beyond the limit for writes is the cause, from its first write on', () => {
  expect(diagnoseBy(writePressure, evidence)).toMatchObject([
    {
      caller: { id: 'writer' },
      role: 'trigger',
      verdict: 'confirmed',
      onset: '2026-01-05T10:10:00.000Z',
      summary: 'writes beyond the 300 admitted in 10 s; reads have their own limit',
    },
  ]);
});

test.each([
  [30, 1],
  [29, 0],
])('who makes %i %% of the writes is the cause: %i', (percent, count) => {
  const causes = diagnoseBy(writePressure, changed(evidence, sharing('writer', 'create', percent)));
  expect(causes.filter(({ caller }) => caller?.id === 'writer')).toHaveLength(count);
});

test('reads that are refused for a reason of their own leave it likely', async () => {
  const reads = steady(READ, { from: 600, to: 630, perS: 30 });
  const both = await evidenceOf(
    served([...quiet(), ...steady(WRITE, { from: 600, to: 630, perS: 45 }), ...reads], { secret: 200 }),
  );
  expect(diagnoseBy(writePressure, both)).toMatchObject([{ verdict: 'likely', caller: { id: 'writer' } }]);
});

test('writes that are refused along with the reads, far below their own limit, are no cause', async () => {
  const reads = steady(READ, { from: 600, to: 630, perS: 30 });
  const few = steady(WRITE, { from: 600, to: 630, perS: 10 });
  const along = await evidenceOf(served([...quiet(), ...few, ...reads], { secret: 200, create: 50 }));
  expect(diagnoseBy(writePressure, along)).toEqual([]);
});

test('fewer than twenty refused writes are not explained', async () => {
  const short = steady(WRITE, { from: 600, to: 610, perS: 30.5 });
  const few = await evidenceOf(served([...quiet(), ...short, ...steady(READ, { from: 600, to: 630, perS: 450 })]));
  expect(diagnoseBy(writePressure, few)).toEqual([]);
});

test.each(writePressure.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(writePressure, without(evidence, [kind]))).toEqual([]);
});
