import { inspect } from 'node:util';
import type { Meter, ObservableResult } from '@opentelemetry/api';
import { createNoopMeter } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { type Estate, REFERENCE_TYPE, reference, startEstate, VAULT } from './kit.ts';

/** A meter that keeps what is recorded; observers are read by `collect`. */
function createRecordingMeter() {
  const recorded: { name: string; value: number; attributes: unknown }[] = [];
  const observers = new Map<string, Set<(result: ObservableResult) => void>>();
  const noop = createNoopMeter();
  const keep = (name: string) => (value: number, attributes?: unknown) => recorded.push({ name, value, attributes });
  const observable = (name: string) => {
    const callbacks = observers.get(name) ?? new Set();
    observers.set(name, callbacks);
    return {
      addCallback: (callback: (result: ObservableResult) => void) => callbacks.add(callback),
      removeCallback: (callback: (result: ObservableResult) => void) => callbacks.delete(callback),
    };
  };
  const meter: Meter = Object.assign(Object.create(noop), {
    createUpDownCounter: (name: string) => ({ add: keep(name) }),
    createHistogram: (name: string) => ({ record: keep(name) }),
    createObservableCounter: observable,
    createObservableGauge: observable,
  });
  const collect = () => {
    const values: Record<string, number> = {};
    for (const [name, callbacks] of observers)
      for (const callback of callbacks)
        callback({ observe: (value: number) => Object.assign(values, { [name]: value }) });
    return values;
  };
  return { meter, recorded, collect };
}

let world: Estate;
afterEach(() => world.close());

describe('telemetry', () => {
  test('hits, misses, coalesced, cached, failures, throttled, stale, breaker, in flight, wait and duration are metrics', async () => {
    const limit = { requests: 1, windowMs: 10_000, shape: 'sliding' as const, countsRefused: false };
    world = await startEstate({ vault: { throttle: { limits: { read: limit }, retryAfterSeconds: null } } });
    const { meter, recorded, collect } = createRecordingMeter();
    const client = await world.open({ meter, ttlMs: 600_000 });
    await world.during(Promise.all([client.get('Database'), client.get('Database'), client.get('Api')]));
    await client.get('Api');
    world.setOutage(['vault'], { status: 503 });
    await world.play(1_200_000);
    await client.get('Api');
    expect(collect()).toEqual({
      'headroom.secrets.cache.hits': 1,
      'headroom.secrets.cache.misses': 2,
      'headroom.secrets.coalesced': 1,
      'headroom.secrets.throttled': client.stats().throttled,
      'headroom.secrets.failures': client.stats().failures,
      'headroom.secrets.stale_served': 1,
      'headroom.secrets.cached': 2,
      'headroom.secrets.breaker.state': expect.any(Number),
    });
    expect(client.stats().throttled).toBeGreaterThan(0);
    expect(client.stats().failures).toBeGreaterThan(0);
    const sum = (name: string) =>
      recorded.filter((one) => one.name === name).reduce((total, { value }) => total + value, 0);
    expect(sum('headroom.secrets.requests_in_flight')).toBe(0);
    const durations = recorded.filter(({ name }) => name === 'headroom.secrets.request.duration');
    expect(durations.length).toBe(recorded.filter(({ name }) => name === 'headroom.secrets.wait').length);
    expect(durations[0]?.attributes).toEqual({ vault: VAULT, outcome: 'secret' });
    await client.close();
    expect(collect()).toEqual({});
  });

  test('no secret value and no token stands in any event, metric, error or in stats, also in an outage', async () => {
    const keyValues = [
      { key: 'A', value: reference('a'), contentType: REFERENCE_TYPE },
      { key: 'Bad', value: 'canary-in-a-reference', contentType: REFERENCE_TYPE },
      { key: 'Plain', value: 'canary-plain' },
    ];
    world = await startEstate({ keyValues, vault: { secrets: new Map([['a', { value: 'canary-secret' }]]) } });
    const { meter, recorded } = createRecordingMeter();
    const client = await world.open({ meter, ttlMs: 60_000 });
    const { failed } = await world.during(client.preload());
    world.setOutage(['vault'], { status: 500, body: { error: { code: 'X', message: 'canary-in-a-body' } } });
    await world.play(600_000);
    await client.get('A');
    world.setOutage(['token'], { status: 500, body: { error: 'canary-token' } });
    await world.play(600_000);
    expect(world.events.length).toBeGreaterThan(10);
    const everything = inspect([world.events, recorded, failed, client.stats()], {
      depth: 12,
      showHidden: true,
      maxArrayLength: null,
    });
    expect(everything).not.toMatch(/canary-(secret|plain|in-a-reference|token)/);
    expect(everything).not.toContain('Bearer ');
  });

  test('a listener that throws breaks nothing', async () => {
    world = await startEstate();
    const client = await world.open({
      onEvent: () => {
        throw new Error('mine');
      },
    });
    expect(await world.during(client.get('Database'))).toBe('db-value');
  });
});
