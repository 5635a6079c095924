import { factsOf } from '../custom.ts';
import { type Fields, fieldsOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import type { Details } from './details.ts';

/**
 * Resource Health events. A resource has one health at a time, so the events of one rule on one resource are one
 * episode, and `Available` or status `Resolved` ends it.
 */
export function readResourceHealth(context: Fields): Details {
  const properties = fieldsOf(context['properties']);
  const current = textOf(properties['currentHealthStatus']);
  const status = textOf(context['status']);
  return {
    category: 'resource-health',
    signals: [
      readSignal({
        metric: 'Resource health',
        namespace: 'Microsoft.ResourceHealth',
        dimensions: Object.entries(
          factsOf({
            currentHealthStatus: current,
            previousHealthStatus: textOf(properties['previousHealthStatus']),
            type: textOf(properties['type']),
            cause: textOf(properties['cause']),
          }),
        ),
      }),
    ],
    facts: factsOf({
      currentHealthStatus: current,
      previousHealthStatus: textOf(properties['previousHealthStatus']),
      cause: textOf(properties['cause']),
      type: textOf(properties['type']),
      status,
      details: textOf(properties['details']),
    }),
    description: textOf(properties['title']),
    episode: 'health of the resource',
    ended: status?.toLowerCase() === 'resolved' || current?.toLowerCase() === 'available',
  };
}
