import { permissions as alertReadBack } from './alert-read-back.ts';
import { permissions as firingAlerts } from './alerts-management.ts';
import { permissions as configurationRequests } from './configuration-requests.ts';
import { permissions as logAnalytics } from './log-analytics.ts';
import { permissions as metrics } from './metrics.ts';
import { permissions as resourceGraph } from './resource-graph.ts';
import { permissions as signIns } from './sign-ins.ts';

/** What the identity that reads has to be allowed on each watched subscription, as the manifest grants it. */
export const READER_ACTIONS: readonly string[] = [
  ...new Set(
    [alertReadBack, firingAlerts, configurationRequests, logAnalytics, metrics, resourceGraph, signIns].flatMap(
      ({ arm }): readonly string[] => arm,
    ),
  ),
].sort();
