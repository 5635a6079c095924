import { afterEach, describe, expect, test } from 'vitest';
import { HeadroomError } from '../../shared/errors.ts';
import type { ControlTarget } from '../../shared/model.ts';
import type { ControlPlane } from '../../shared/ports.ts';

/** A control plane with what stands behind it, as one test sees it. */
export type ControlPlaneSubject = {
  plane: ControlPlane;
  target: ControlTarget;
  /** What it is to be made, and something else. */
  desired: unknown;
  other?: unknown;
  /** How it stands behind the plane's back; null where nothing stands. */
  standing(): unknown;
  /** Somebody else changes it; absent where only its own plane can. */
  meddle?(): void;
  /** Requests that changed something. */
  writes(): number;
  /** The other side from now on: cut off, refusing by role, never answering; or well again. */
  outage(how: 'dead' | 'denied' | 'slow' | 'throttled' | 'none'): void;
  /** Must appear in no error. */
  secrets: readonly string[];
  close(): Promise<void>;
};

export type ControlPlaneTraits = {
  /** Whether what it makes can be made undone. */
  canUndo: boolean;
  /** Names that look like its own and are not. */
  strangers: readonly ControlTarget[];
};

/** What every implementation of `ControlPlane` promises. */
export function controlPlaneContract(
  name: string,
  traits: ControlPlaneTraits,
  open: () => Promise<ControlPlaneSubject>,
): void {
  describe(`${name} as a ControlPlane`, () => {
    const opened: ControlPlaneSubject[] = [];
    const subject = async (): Promise<ControlPlaneSubject> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });

    test('takes targets of one kind', async () => {
      const { plane, target } = await subject();
      expect(plane.kind).toBe(target.kind);
    });

    test('brings it to stand as desired, and reads it as it wrote it', async () => {
      const { plane, target, desired, standing, writes } = await subject();
      const before = await plane.read(target);
      const after = await plane.write(target, desired, before.revision);
      expect(after).not.toBe('changed');
      expect(standing()).not.toBe(null);
      expect(writes()).toBe(1);
      const read = await plane.read(target);
      expect(after).toEqual(read);
      expect(read.revision).not.toBe(before.revision);
    });

    test('done twice on top of the same state does nothing twice', async () => {
      const { plane, target, desired, writes } = await subject();
      const before = await plane.read(target);
      await plane.write(target, desired, before.revision);
      const again = await plane.write(target, desired, before.revision);
      expect(writes()).toBe(1);
      if (again !== 'changed') expect(again).toEqual(await plane.read(target));
    });

    test('does nothing on top of what somebody else has changed', async () => {
      const { plane, target, desired, writes, meddle } = await subject();
      if (!meddle) return;
      const before = await plane.read(target);
      meddle();
      expect(await plane.write(target, desired, before.revision)).toBe('changed');
      expect(writes()).toBe(0);
    });

    if (traits.canUndo)
      test('takes it away again, once', async () => {
        const { plane, target, desired, standing } = await subject();
        const before = await plane.read(target);
        await plane.write(target, desired, before.revision);
        const made = await plane.read(target);
        await plane.write(target, before.value, made.revision);
        expect((await plane.read(target)).value).toEqual(before.value);
        if (before.value === null) expect(standing()).toBe(null);
      });

    test.each(traits.strangers.map((target) => [target.id, target] as const))(
      'refuses %s, which is none of its own, without asking anybody',
      async (_id, stranger) => {
        const { plane, outage, desired, writes } = await subject();
        outage('dead');
        for (const call of [plane.read(stranger), plane.write(stranger, desired, null)])
          expect(await failureOf(call)).toMatchObject({ kind: 'invalid' });
        expect(writes()).toBe(0);
      },
    );

    test('says of a dead service that it is to be tried later', async () => {
      const { plane, target, desired, outage } = await subject();
      outage('dead');
      for (const call of [plane.read(target), plane.write(target, desired, null)])
        expect(['unavailable', 'timed-out']).toContain((await failureOf(call)).kind);
    });

    test('says of a service that asks for fewer requests that it does', async () => {
      const { plane, target, outage } = await subject();
      outage('throttled');
      expect(await failureOf(plane.read(target))).toMatchObject({ kind: 'throttled' });
    });

    test('names the permission that is missing, and what grants it', async () => {
      const { plane, target, desired, outage, writes } = await subject();
      outage('denied');
      for (const call of [plane.read(target), plane.write(target, desired, null)]) {
        const error = await failureOf(call);
        expect(error.kind).toBe('denied');
        expect(error.nextStep ?? '').toMatch(/^(?:Grant|Give) /);
      }
      expect(writes()).toBe(0);
    });

    test('ends when it is told to, though nobody answers', async () => {
      const { plane, target, outage } = await subject();
      outage('slow');
      const stop = new AbortController();
      const call = failureOf(plane.read(target, stop.signal));
      stop.abort(new HeadroomError('timed-out', 'enough'));
      expect((await call).kind).toBe('timed-out');
    });

    test('lets no secret into an error', async () => {
      const { plane, target, outage, secrets } = await subject();
      for (const how of ['dead', 'denied', 'throttled'] as const) {
        outage(how);
        const error = await failureOf(plane.read(target));
        const told = JSON.stringify([error.message, error.nextStep, String(error.cause)]);
        for (const secret of secrets) expect(told).not.toContain(secret);
      }
    });
  });
}

async function failureOf(call: Promise<unknown>): Promise<HeadroomError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof HeadroomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
