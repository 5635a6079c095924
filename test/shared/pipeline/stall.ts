import type { Clock } from '../../../shared/ports.ts';

/** At which of its steps a process is held up: the first `at` that place, before what it asks for has arrived or after. */
export type Stall = { at: string; when: 'before' | 'after' };

/**
 * A process that is held up: suspended, frozen or starved, it goes on later with what it knew before. Nothing of it runs
 * meanwhile, no wait and no deadline either.
 */
export type Held = {
  /** Resolves when it is held up; never, where its work ends before. */
  stuck: Promise<void>;
  release(): void;
  /** `placeOf`: what a call is to be known as, from its method and what is given to it. */
  wrap<P extends object>(port: P, placeOf: (method: string, given: readonly unknown[]) => string): P;
  clock(clock: Clock): Clock;
};

export function heldAt(stall?: Stall): Held {
  let wasHeld = false;
  let gate: Promise<void> | undefined;
  let open = (): void => undefined;
  let hold = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const close = (): void => {
    gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    hold();
  };

  function wrap<P extends object>(port: P, placeOf: (method: string, given: readonly unknown[]) => string): P {
    return new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]): Promise<unknown> => {
          await gate;
          const isHeld = !wasHeld && stall !== undefined && stall.at === placeOf(String(method), given);
          if (isHeld) wasHeld = true;
          if (isHeld && stall.when === 'before') close();
          await gate;
          const signal = given.find((one) => one instanceof AbortSignal);
          // Called off while it was held up: it is never sent.
          signal?.throwIfAborted();
          const result: unknown = await Reflect.apply(member, target, given);
          if (isHeld && stall.when === 'after') close();
          await gate;
          return result;
        };
      },
    });
  }

  return {
    stuck,
    release: () => open(),
    wrap,
    clock: (clock) => ({
      ...clock,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal);
        await gate;
      },
    }),
  };
}
