import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../../shared/model.ts';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { fixture, fixturesOf, RECEIVED_AT, senders } from './fixtures.ts';
import { mangled } from './mangle.ts';
import { problemsOf } from './valid-alert.ts';

const SOURCES: [string, Source][] = [azure, cloudwatch, alertmanager].map((source) => [source.name, source]);

describe.each(SOURCES)('the source %s', (name, source) => {
  const own = fixturesOf(name).map(fixture);

  test('answers mangled payloads with valid alerts or with an error and its path', () => {
    fc.assert(
      fc.property(mangled(own), (body) => {
        const result = source.parse(body, RECEIVED_AT);
        expect(problemsOf(result)).toEqual([]);
        expect(source.recognises(body)).toBeTypeOf('boolean');
        if (result.ok) expect(source.recognises(body)).toBe(true);
      }),
      { numRuns: 700 },
    );
  });

  test('answers arbitrary values with an error and its path', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (body) => {
        expect(source.recognises(body)).toBe(false);
        const result = source.parse(body, RECEIVED_AT);
        expect(result.ok).toBe(false);
        expect(problemsOf(result)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('gives the same ids whenever a payload is received, and leaves the payload as it was', () => {
    const receivedAt = fc.date({
      min: new Date('2026-01-05T00:00:00Z'),
      max: new Date('2036-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(mangled(own), receivedAt, (body, date) => {
        const before = JSON.stringify(body);
        const [first, again] = [RECEIVED_AT, date.toISOString()].map((time) => source.parse(body, time));
        expect(JSON.stringify(body)).toBe(before);
        expect(first?.ok && first.alerts.map(({ id, instance }) => [id, instance])).toEqual(
          again?.ok && again.alerts.map(({ id, instance }) => [id, instance]),
        );
      }),
      { numRuns: 300 },
    );
  });

  const strangers = senders()
    .filter((sender) => sender !== name)
    .flatMap(fixturesOf);

  test.each(strangers)('refuses %s, which is of another product, and says what to do', (stranger) => {
    const body = fixture(stranger);
    const result = source.parse(body, RECEIVED_AT);
    expect(source.recognises(body)).toBe(false);
    expect(problemsOf(result)).toEqual([]);
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(/^This is .+, not .+\. .+\.$/) });
  });

  test.each(fixturesOf(name))('reads %s into valid alerts', (own) => {
    const body = fixture(own);
    const result = source.parse(body, RECEIVED_AT);
    expect(result.ok).toBe(true);
    expect(problemsOf(result)).toEqual([]);
    expect(source.recognises(body)).toBe(true);
  });
});
