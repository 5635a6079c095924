import { afterEach, describe, expect, test } from 'vitest';
import type { Reading, Resource } from '../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../shared/ports.ts';
import type { Fault } from '../../simulation/servers/faulty-server.ts';

/** A reader with the store that it asks, as one test sees it. */
export type EvidenceReaderSubject = {
  reader: EvidenceReader;
  /** About a resource that the store covers and has records of, one statement or more. */
  request: EvidenceRequest;
  /** The store says nothing about these. */
  others: readonly Resource[];
  /** Makes every further request fail; undefined: none. */
  fail(fault: Fault | undefined): void;
  /** Requests that have arrived at the store. */
  asked(): number;
  /** Must appear in no reading. */
  secrets: readonly string[];
  close(): Promise<void>;
};

export type EvidenceReaderTraits = {
  /** What stands in the next step when access is denied: the missing role or permission. */
  role: RegExp;
  /** How a refused caller is answered; absent: 403 without a body. */
  denial?: Fault;
  /** How the service answers whom it asks for time; absent: 429 with Retry-After of 7 s. */
  throttled?: { fault: Fault; retryAfterMs?: number };
  /** Most requests that one question may cost while the store is down. */
  triesWhenDead?: number;
};

const THROTTLED = { fault: { status: 429, headers: { 'retry-after': '7' } }, retryAfterMs: 7_000 };

/** What every implementation of `EvidenceReader` over a network promises. */
export function evidenceReaderContract(
  name: string,
  traits: EvidenceReaderTraits,
  open: () => Promise<EvidenceReaderSubject>,
): void {
  describe(`${name} as an EvidenceReader`, () => {
    const opened: EvidenceReaderSubject[] = [];
    const subject = async (): Promise<EvidenceReaderSubject> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });

    test('covers what it can hold records of, and nothing else', async () => {
      const { reader, request, others } = await subject();
      expect(reader.covers(request.resource)).toBe(true);
      expect(others.filter((resource) => reader.covers(resource))).toEqual([]);
    });

    test('asks nobody before it is asked', async () => {
      const { reader, request, asked } = await subject();
      reader.covers(request.resource);
      expect(asked()).toBe(0);
    });

    test('gives one reading for each statement, under its name, of its window', async () => {
      const { reader, request } = await subject();
      const readings = await reader.read(request);
      const wanted = request.query.statements.map(({ kind, window = request.window }) => `${kind} ${window}`);
      expect(readings.map(({ kind, window }) => `${kind} ${window}`).sort()).toEqual(wanted.sort());
      expect(new Set(readings.map(({ store }) => store))).toEqual(new Set([reader.store]));
      expect(readings.map(({ state }) => state)).toEqual(readings.map(() => 'read'));
      for (const { readAt } of readings) expect(readAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    test.each([
      ['dead', { cut: 'before' } as const, 'unreachable'],
      ['in trouble', { status: 503 }, 'unreachable'],
      ['refusing us', traits.denial ?? { status: 403 }, 'denied'],
      ['asking for time', (traits.throttled ?? THROTTLED).fault, 'throttled'],
    ])('says of a store that is %s what it is, with a next step, and never throws', async (_what, fault, why) => {
      const { reader, request, fail, secrets } = await subject();
      fail(fault);
      const readings = await reader.read(request);
      expect(readings).toHaveLength(request.query.statements.length);
      expect(readings.map(whyOf)).toEqual(readings.map(() => why));
      for (const reading of readings) {
        if (reading.state !== 'unavailable') continue;
        expect(reading.nextStep.length).toBeGreaterThan(10);
        if (why === 'denied') expect(reading.nextStep).toMatch(traits.role);
      }
      for (const secret of secrets) expect(JSON.stringify(readings)).not.toContain(secret);
    });

    test('passes on how long it is to leave the store alone', async () => {
      const { reader, request, fail } = await subject();
      const { fault, retryAfterMs } = traits.throttled ?? THROTTLED;
      fail(fault);
      const [reading] = await reader.read(request);
      expect(reading).toMatchObject({ state: 'unavailable', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    });

    test('lets go of a store that never answers when it is told to', async () => {
      const { reader, request, fail } = await subject();
      fail({ hang: 'before' });
      const stop = new AbortController();
      const reading = reader.read(request, stop.signal);
      setImmediate(() => stop.abort());
      expect((await reading).map(whyOf)).toEqual(request.query.statements.map(() => 'timed-out'));
    });

    test('asks nothing when it is told to stop before it begins', async () => {
      const { reader, request, asked } = await subject();
      const readings = await reader.read(request, AbortSignal.abort());
      expect(readings.map(whyOf)).toEqual(request.query.statements.map(() => 'timed-out'));
      expect(asked()).toBe(0);
    });

    test('does not hammer a store that is down', async () => {
      const { reader, request, fail, asked } = await subject();
      fail({ status: 500 });
      await reader.read(request);
      expect(asked()).toBeLessThanOrEqual(traits.triesWhenDead ?? 1);
    });

    test('answers again once the store does', async () => {
      const { reader, request, fail } = await subject();
      fail({ cut: 'before' });
      await reader.read(request);
      fail(undefined);
      expect((await reader.read(request)).map(whyOf)).toEqual(request.query.statements.map(() => 'read'));
    });
  });
}

function whyOf(reading: Reading): string {
  return reading.state === 'read' ? 'read' : reading.why;
}
