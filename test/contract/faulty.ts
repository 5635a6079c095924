import { HeadroomError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ports.ts';

/** What happens to one call of a port. `lost`: it takes effect and the caller never learns of it. */
export type Fault = { fail: HeadroomError } | { lost: HeadroomError } | { waitFor: Promise<unknown> } | undefined;

/** Which fault the nth call (from 1) of a method meets; undefined: none. */
export type FaultPlan<P> = (method: keyof P, nth: number) => Fault;

/** The port, with faults: how its users stand a dependency that is dead, denied, slow, or answers into the void. */
export function faulty<P extends object>(port: P, plan: FaultPlan<P>): P {
  const calls = new Map<PropertyKey, number>();
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || !isKeyOf(target, name)) return member;
      return async (...given: unknown[]): Promise<unknown> => {
        const nth = (calls.get(name) ?? 0) + 1;
        calls.set(name, nth);
        const fault = plan(name, nth);
        if (fault && 'fail' in fault) throw fault.fail;
        if (fault && 'waitFor' in fault) await fault.waitFor;
        const result: unknown = await Reflect.apply(member, target, given);
        if (fault && 'lost' in fault) throw fault.lost;
        return result;
      };
    },
  });
}

/** The other side is down. */
export function dead(): Fault {
  return { fail: new HeadroomError('unavailable', 'connection refused') };
}

/** The other side knows us and says no. */
export function denied(): Fault {
  return { fail: new HeadroomError('denied', 'a role is missing', { nextStep: 'assign the role' }) };
}

/** The other side takes this long. */
export function slow(clock: Clock, ms: number): Fault {
  return { waitFor: clock.sleep(ms) };
}

/** The call took effect; its answer was lost on the way back. */
export function lost(): Fault {
  return { lost: new HeadroomError('timed-out', 'no answer in time') };
}

function isKeyOf<P extends object>(target: P, name: PropertyKey): name is keyof P {
  return name in target;
}
