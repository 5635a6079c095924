import { type ErrorKind, isHeadroomError } from '../../errors.ts';
import type { Reading, Resource } from '../../model.ts';

type Unread = Pick<Extract<Reading, { state: 'unavailable' }>, 'why' | 'nextStep' | 'retryAfterMs'>;

const WHY: Readonly<Partial<Record<ErrorKind, Unread['why']>>> = {
  denied: 'denied',
  throttled: 'throttled',
  'timed-out': 'timed-out',
  'not-found': 'not-configured',
  invalid: 'unsupported',
};

/** What a failed question means, and what whoever runs this can do about it. */
export function unread(error: unknown, { id, name }: Resource): Unread {
  if (!isHeadroomError(error)) throw error;
  const { kind, nextStep, retryAfterMs } = error;
  return {
    why: WHY[kind] ?? 'unreachable',
    nextStep: kind === 'denied' && !nextStep?.startsWith('assign') ? roleFor(id) : (nextStep ?? againFor(name)),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function againFor(name: string): string {
  return `The metrics of ${name} could not be read: they are asked for again with the next run`;
}

function roleFor(id: string): string {
  const subscription = id.split('/').slice(0, 3).join('/');
  return (
    `Azure Monitor refused its metrics: missing role Monitoring Reader on ${subscription}. Grant it: az role assignment ` +
    `create --role "Monitoring Reader" --assignee <client id of Headroom's identity> --scope ${subscription}`
  );
}
