import { describe, expect, test } from 'vitest';
import { alertmanager } from '../../../shared/sources/alertmanager.ts';
import { azure } from '../../../shared/sources/azure.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { detectSource } from '../../../shared/sources/recognise.ts';
import { fixture, fixturesOf, senders } from './fixtures.ts';

const SOURCES = [azure, cloudwatch, alertmanager];

describe('detectSource', () => {
  test.each(senders().flatMap((sender) => fixturesOf(sender).map((name) => [name, sender] as const)))(
    'knows where %s belongs',
    (name, sender) => {
      const expected = SOURCES.some((source) => source.name === sender) ? sender : undefined;
      expect(detectSource(SOURCES, fixture(name))?.name).toBe(expected);
    },
  );

  test('finds none among no sources', () => {
    expect(detectSource([], fixture('azure/log-v2-fired'))).toBeNull();
  });
});
