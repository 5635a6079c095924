import { describe, expect, test } from 'vitest';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { sightRequest } from '../../../shared/pipeline/once.ts';

const AT = '2026-11-20T14:30:00.000Z';

describe('a signed request', () => {
  test('is taken once, whichever of many instances it comes to', async () => {
    const deps = { records: createMemoryRecords() };
    const request = { signedAt: AT, signature: 'v0=a', once: 'trigger' };
    const seen = await Promise.all(Array.from({ length: 8 }, () => sightRequest(deps, request)));
    expect(seen.filter((sighting) => sighting === 'first')).toHaveLength(1);
    expect(seen.filter((sighting) => sighting === 'replayed')).toHaveLength(7);
  });

  test('that the platform signs anew is told from one that is played again', async () => {
    const deps = { records: createMemoryRecords() };
    expect(await sightRequest(deps, { signedAt: AT, signature: 'v0=a', once: 'trigger' })).toBe('first');
    expect(await sightRequest(deps, { signedAt: AT, signature: 'v0=b', once: 'trigger' })).toBe('again');
    expect(await sightRequest(deps, { signedAt: AT, signature: 'v0=c', once: 'another' })).toBe('first');
  });

  test.each([
    ['2026-11-20T13:59:58.000Z', '2026-11-20T14:00:01.000Z', 'again'],
    ['2026-11-20T13:59:58.000Z', '2026-11-20T14:09:59.000Z', 'again'],
    ['2026-11-20T23:59:58.000Z', '2026-11-21T00:00:01.000Z', 'again'],
    ['2026-11-20T13:00:00.000Z', '2026-11-20T14:10:00.000Z', 'first'],
  ])('of %s that is sent again at %s is %s', async (before, after, sighting) => {
    const deps = { records: createMemoryRecords() };
    await sightRequest(deps, { signedAt: before, signature: 'v0=a', once: 'trigger' });
    expect(await sightRequest(deps, { signedAt: after, signature: 'v0=b', once: 'trigger' })).toBe(sighting);
  });
});
