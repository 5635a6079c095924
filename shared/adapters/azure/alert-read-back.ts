import * as z from 'zod/mini';
import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { AlertReadBack } from '../../ports.ts';
import type { ArmClient } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-by-id (read 2026-11-21) */
const API_VERSION = '2019-03-01';

/** What the identity of this process needs on the scopes whose alerts it reads back. */
export const permissions = { arm: ['Microsoft.AlertsManagement/alerts/read'] } as const;

const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text))));
const ALERT = z.object({
  properties: z.object({
    essentials: z.object({
      targetResource: z.nullish(z.string()),
      startDateTime: time,
      lastModifiedDateTime: z.nullish(time),
      monitorConditionResolvedDateTime: z.nullish(time),
    }),
  }),
});

/** Asks Alerts Management whether it knows an alert, by the id that its webhook carries; kept there for 30 days. */
export function createAzureReadBack(arm: ArmClient): AlertReadBack {
  return {
    source: 'azure',
    async read(reference, signal) {
      const answer = await arm
        .get('reading an alert back from Azure Monitor', reference, { 'api-version': API_VERSION }, signal)
        .catch((error: unknown) => {
          if (isHeadroomError(error) && error.kind === 'not-found') return null;
          throw error;
        });
      if (answer === null) return null;
      const alert = z.safeParse(ALERT, answer);
      if (!alert.success) throw new HeadroomError('unavailable', 'Azure Monitor gave an alert of an unknown shape');
      const { targetResource, startDateTime, lastModifiedDateTime, monitorConditionResolvedDateTime } =
        alert.data.properties.essentials;
      const changes = [startDateTime, lastModifiedDateTime, monitorConditionResolvedDateTime];
      return {
        resources: targetResource ? [targetResource.toLowerCase().replace(/\/+$/, '')] : [],
        changedAt: new Date(Math.max(...changes.map((at) => Date.parse(at ?? startDateTime)))).toISOString(),
      };
    },
  };
}
