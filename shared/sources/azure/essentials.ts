import * as z from 'zod/mini';
import { BOUNDS } from '../bounds.ts';
import { COMMON_SCHEMA } from '../products.ts';

const text = z.nullish(z.string());

/**
 * The part of the common alert schema that every alert has and that Headroom relies on. All of it may be null or absent:
 * budgets carry no rule, severity or target, test notifications no configuration items. The context differs by kind and
 * is read leniently by the kind's own file.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema (read 2026-11-20)
 */
export const CommonAlert = z.object({
  schemaId: z.literal(COMMON_SCHEMA),
  data: z.object({
    essentials: z.object({
      alertId: text,
      alertRule: text,
      alertRuleId: text,
      severity: text,
      signalType: text,
      monitorCondition: text,
      monitoringService: text,
      alertTargetIDs: z.nullish(z.array(z.string()).check(z.maxLength(BOUNDS.alerts))),
      originAlertId: text,
      firedDateTime: z.nullish(z.union([z.string(), z.number()])),
      resolvedDateTime: z.nullish(z.union([z.string(), z.number()])),
      description: text,
      investigationLink: z.optional(z.unknown()),
    }),
    alertContext: z.optional(z.unknown()),
    customProperties: z.optional(z.unknown()),
  }),
});

export type Essentials = z.infer<typeof CommonAlert>['data']['essentials'];
