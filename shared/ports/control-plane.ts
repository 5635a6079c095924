import type { ControlState, ControlTarget } from '../model.ts';

/**
 * Changes one kind of thing outside, with the identity of the actor alone. It takes requests as data, and only for targets
 * whose names it knows to be its own.
 */
export interface ControlPlane {
  /** Of the targets that it takes: `lever`, `alert`. */
  kind: string;
  /**
   * What stands there now.
   *
   * @throws HeadroomError `throttled`, `unavailable`, `timed-out`, `invalid` for a target that is none of its own; `denied`
   * with the role that is missing and the command that grants it as `nextStep`
   */
  read(target: ControlTarget, signal?: AbortSignal): Promise<ControlState>;
  /**
   * Brings it to stand as desired (null: not at all), unless something else stands there than `expected`: then nothing is
   * done, and the answer is `changed`. Done twice it is done once.
   *
   * @throws HeadroomError as `read`
   */
  write(
    target: ControlTarget,
    desired: unknown,
    expected: ControlState['revision'],
    signal?: AbortSignal,
  ): Promise<ControlState | 'changed'>;
}
