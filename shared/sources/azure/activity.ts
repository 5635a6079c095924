import { factsOf } from '../custom.ts';
import { type Fields, fieldsOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import type { Details } from './details.ts';

/**
 * Activity-log alerts: administrative, policy, autoscale, security. They are stateless: each event is an alert of its
 * own, always Fired, so a start and its end stay two.
 *
 * Caller and claims are left out: they name people, and who did it is asked of the activity log when it matters. So are
 * most properties, which may hold whole response bodies.
 */
export function readActivity(context: Fields): Details {
  const properties = fieldsOf(context['properties']);
  const instances = textOf(properties['newInstancesCount']);
  return {
    category: 'activity',
    signals: [
      readSignal({
        metric: context['operationName'],
        namespace: context['eventSource'],
        value: instances,
        dimensions: Object.entries(
          factsOf({
            status: textOf(context['status']),
            subStatus: textOf(context['subStatus']),
            level: textOf(context['level']),
          }),
        ),
      }),
    ],
    facts: factsOf({
      eventSource: textOf(context['eventSource']),
      operationName: textOf(context['operationName']),
      status: textOf(context['status']),
      level: textOf(context['level']),
      correlationId: textOf(context['correlationId']),
      oldInstancesCount: textOf(properties['oldInstancesCount']),
      newInstancesCount: instances,
      threatStatus: textOf(properties['threatStatus']),
      compromisedEntity: textOf(properties['compromisedEntity']),
      actionTaken: textOf(properties['actionTaken']),
    }),
    description: textOf(properties['description'], 300),
  };
}
