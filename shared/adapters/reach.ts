import { HeadroomError } from '../errors.ts';
import { exchange, type PostTarget } from './post-json.ts';

/**
 * Asks an address that takes POST alone whether anybody is there, by HEAD, which posts and starts nothing.
 *
 * @returns what that shows; not whether the address, its signature and what is behind it would take a POST
 * @throws HeadroomError `unavailable` or `timed-out` where nobody answers, `unavailable` for 5xx, `denied` for 410
 */
export async function reach(target: PostTarget, signal?: AbortSignal): Promise<string> {
  const { status } = await exchange({ ...target, method: 'HEAD' }, undefined, signal);
  const { name, nextStep } = target;
  if (status >= 500) throw new HeadroomError('unavailable', `${name} answers ${status}`, { nextStep });
  if (status === 410) throw new HeadroomError('denied', `${name} is gone (410)`, { nextStep });
  return `its host answers (${status} to HEAD); whether it takes a POST shows with the first`;
}
