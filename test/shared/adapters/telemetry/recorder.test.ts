import { describe, expect, test } from 'vitest';
import { createRecorder, SILENT, type TelemetryExport } from '../../../../shared/adapters/telemetry/recorder.ts';
import { HeadroomError } from '../../../../shared/errors.ts';
import type { Measurement } from '../../../../shared/ports.ts';
import { collectingLog, fakeClock } from '../../../kit.ts';

const COUNT: Measurement = { kind: 'count', name: 'headroom.alerts.received', by: 1 };

function world(over: Partial<TelemetryExport> & { load?: () => Promise<TelemetryExport> } = {}) {
  const taken: Measurement[] = [];
  const log = collectingLog();
  const clock = fakeClock();
  let loads = 0;
  let flushes = 0;
  const recorder = createRecorder({
    load: () => {
      loads += 1;
      if (over.load !== undefined) return over.load();
      return Promise.resolve({
        take: (measurement) => void taken.push(measurement),
        observe: over.observe ?? (() => {}),
        flush: async () => {
          flushes += 1;
          await over.flush?.();
        },
      });
    },
    now: () => clock.now(),
    log,
  });
  return { recorder, taken, log, clock, loads: () => loads, flushes: () => flushes };
}

describe('what is measured', () => {
  test('is kept until the SDK is there, which no note brings in', async () => {
    const { recorder, taken, loads } = world();
    recorder.note(COUNT);
    expect(loads()).toBe(0);
    await recorder.flush(1_000);
    expect([taken, loads()]).toEqual([[COUNT], 1]);
  });

  test('is bounded while the SDK is not there', async () => {
    const { recorder, taken } = world();
    for (let note = 0; note < 6_000; note += 1) recorder.note(COUNT);
    await recorder.flush(1_000);
    expect(taken).toHaveLength(5_000);
  });

  test('goes straight on once the SDK is there', async () => {
    const { recorder, taken } = world();
    await recorder.flush(1_000);
    recorder.note(COUNT);
    expect(taken).toEqual([COUNT]);
  });

  test('of a call is its span and its duration, with what came of it', async () => {
    const { recorder, taken, clock } = world();
    const result = await recorder.call(
      'work',
      async () => {
        clock.advance(1_500);
        return 'done';
      },
      (given) => ({ given }),
    );
    await recorder.flush(1_000);
    expect(result).toBe('done');
    expect(taken).toMatchObject([
      { kind: 'span', name: 'work', attributes: { given: 'done' } },
      { kind: 'spread', name: 'headroom.call.duration', value: 1.5, attributes: { entry: 'work', outcome: 'ok' } },
    ]);
  });

  test('of a failed call is the kind of its error, never its words, and the error stays the caller’s', async () => {
    const { recorder, taken } = world();
    const error = new HeadroomError('denied', 'a token was refused');
    await expect(recorder.call('work', () => Promise.reject(error))).rejects.toBe(error);
    await recorder.flush(1_000);
    expect(taken).toMatchObject([{ failure: 'denied' }, { attributes: { outcome: 'denied' } }]);
    expect(JSON.stringify(taken)).not.toContain('refused');
  });

  test('by a library before the SDK is there reaches it afterwards', async () => {
    const observed: string[] = [];
    const { recorder, taken } = world({ observe: ({ name }) => void observed.push(name) });
    recorder.meter?.createHistogram('headroom.secrets.wait').record(0.5, { vault: 'kv' });
    recorder.meter?.createUpDownCounter('headroom.secrets.requests_in_flight').add(1);
    recorder.meter?.createObservableCounter('headroom.secrets.cache.hits').addCallback(() => {});
    await recorder.flush(1_000);
    expect(taken).toMatchObject([
      { kind: 'spread', value: 0.5, attributes: { vault: 'kv' } },
      { kind: 'balance', by: 1 },
    ]);
    expect(observed).toEqual(['headroom.secrets.cache.hits']);
  });
});

describe('a receiver that fails', () => {
  test.each([
    ['refuses', () => Promise.reject(new Error('503'))],
    ['never answers', () => new Promise<void>(() => {})],
  ])('and %s costs a call its limit once, then nothing for a minute, and one line of the log', async (_what, flush) => {
    const { recorder, log, clock, flushes } = world({ flush });
    await recorder.flush(5);
    await recorder.flush(5);
    expect([flushes(), log.events.map(({ event }) => event)]).toEqual([1, ['telemetry-not-sent']]);
    clock.advance(60_000);
    await recorder.flush(5);
    expect(flushes()).toBe(2);
  });

  test('to load leaves calls alone', async () => {
    const { recorder, log } = world({ load: () => Promise.reject(new Error('no such file')) });
    expect(await recorder.call('work', async () => 1)).toBe(1);
    await recorder.flush(1_000);
    expect(log.events).toHaveLength(1);
  });
});

test('where nothing is sent, a call is the call and nothing else', async () => {
  expect(await SILENT.call('work', async () => 1)).toBe(1);
  expect(SILENT.meter).toBeUndefined();
});
