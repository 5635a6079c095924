import { describe, expect, test } from 'vitest';
import { results } from '../../../../shared/evidence/results.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { answered, requestOf, rowsAt, settingForTest, told } from './metrics-kit.ts';

const setting = settingForTest();

describe('a service in trouble', () => {
  test.each<[string, Fault[]]>([
    ['cuts a connection', [{ cut: 'before' }]],
    ['asks for a second, and says so', [{ status: 429, headers: { 'retry-after': '1' } }]],
    ['asks for time, and does not say how much', [{ status: 429 }]],
    ['fails once or twice', [{ status: 503 }, { status: 500 }]],
  ])('that %s is asked again', async (_what, faults) => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    one.server.faults.push(...faults);
    expect(told(await rowsAt(one))).toMatchObject({ 'ServiceApiHit null': [1, ...Array(24).fill(0)] });
  });

  test('that gives one metric and fails at another gives what it has, and is told to be cut', async () => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    one.server.broken.add('ServiceApiHit');
    const [reading] = await one.reader.read(requestOf([results]));
    expect(reading).toMatchObject({ state: 'read', truncated: true, rows: [{ metric: 'ServiceApiResult' }] });
  });

  test('that fails at all of them was not read', async () => {
    const one = await setting();
    one.server.broken.add('ServiceApiHit').add('ServiceApiResult');
    const [reading] = await one.reader.read(requestOf([results]));
    expect(reading).toMatchObject({ state: 'unavailable', why: 'unreachable' });
  });

  test.each([['{"values":[{}]}'], ['{"values":[{"value":[{}]}]}'], ['[]'], ['null'], ['no json'], ['']])(
    'that answers %s is not understood, and nothing is thrown',
    async (body) => {
      const one = await setting();
      one.server.weather.next = ({ method }) =>
        method === 'POST' ? { status: 200, headers: { 'content-type': 'application/json' }, body } : undefined;
      for (const reading of await one.reader.read(requestOf([results])))
        if (reading.state === 'unavailable') expect(reading.why).toMatch(/^(unsupported|unreachable)$/);
        else expect(reading.rows).toEqual([]);
    },
  );

  test('that hangs after it took the request is given up and asked again', async () => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    await rowsAt(one);
    const stop = new AbortController();
    one.server.weather.next = () => ({ hang: 'after' });
    const reading = one.reader.read(requestOf([results]), stop.signal);
    setImmediate(() => stop.abort());
    expect((await reading)[0]).toMatchObject({ state: 'unavailable', why: 'timed-out' });
  });
});
