import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { playSample, SAMPLE_FILE, sampleText } from '../../samples/make.ts';

test('the log that ships is the simulated one, to the byte (node samples/make.ts writes it anew)', () => {
  expect(gunzipSync(readFileSync(SAMPLE_FILE)).toString()).toBe(sampleText());
});

test('it is small, and holds a cause and those whom it hurts', () => {
  expect(statSync(SAMPLE_FILE).size).toBeLessThan(400_000);
  const { truth } = playSample();
  expect(truth.causes.map(({ kind }) => kind)).toEqual(['startup-stampede']);
  expect(truth.applications.filter(({ part }) => part === 'victim').length).toBeGreaterThanOrEqual(3);
});
