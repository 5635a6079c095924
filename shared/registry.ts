/**
 * The table of contents: what the house knows, each room its own list, so that a bundle takes only what it uses.
 * Adding a source, evidence kind, diagnosis or fix is one file and one line here.
 */

import { acknowledge } from './actions/acknowledge.ts';
import type { Action } from './actions/action.ts';
import { assign } from './actions/assign.ts';
import { clientPolicy } from './actions/client-policy.ts';
import { closeAlert } from './actions/close-alert.ts';
import { issue } from './actions/issue.ts';
import { muteRule } from './actions/mute-rule.ts';
import { processingRule } from './actions/processing-rule.ts';
import { resolve } from './actions/resolve.ts';
import { silence } from './actions/silence.ts';
import { alertMismatch } from './diagnoses/alert-mismatch.ts';
import { clientPerCall } from './diagnoses/client-per-call.ts';
import type { Diagnosis } from './diagnoses/diagnosis.ts';
import { enumeration } from './diagnoses/enumeration.ts';
import { failingLoop } from './diagnoses/failing-loop.ts';
import { identityOutage } from './diagnoses/identity-outage.ts';
import { keyTypeLimit } from './diagnoses/key-type-limit.ts';
import { missingCache } from './diagnoses/missing-cache.ts';
import { noisyNeighbour } from './diagnoses/noisy-neighbour.ts';
import { organicGrowth } from './diagnoses/organic-growth.ts';
import { platformEvent } from './diagnoses/platform-event.ts';
import { polling } from './diagnoses/polling.ts';
import { quotaExhausted } from './diagnoses/quota-exhausted.ts';
import { restartLoop } from './diagnoses/restart-loop.ts';
import { retryStorm } from './diagnoses/retry-storm.ts';
import { serviceCaller } from './diagnoses/service-caller.ts';
import { startupStampede } from './diagnoses/startup-stampede.ts';
import { subscriptionLimit } from './diagnoses/subscription-limit.ts';
import { transient } from './diagnoses/transient.ts';
import { unpacedRetries } from './diagnoses/unpaced-retries.ts';
import { writePressure } from './diagnoses/write-pressure.ts';
import { activity } from './evidence/activity.ts';
import { answered } from './evidence/answered.ts';
import { attempts } from './evidence/attempts.ts';
import { callers } from './evidence/callers.ts';
import { challenges } from './evidence/challenges.ts';
import { changes } from './evidence/changes.ts';
import { coverage } from './evidence/coverage.ts';
import { identity } from './evidence/identity.ts';
import type { EvidenceKind } from './evidence/kind.ts';
import { listings } from './evidence/listings.ts';
import { load } from './evidence/load.ts';
import { logLines } from './evidence/log-lines.ts';
import { metricSeries } from './evidence/metric-series.ts';
import { operations } from './evidence/operations.ts';
import { owners } from './evidence/owners.ts';
import { platform } from './evidence/platform.ts';
import { quota } from './evidence/quota.ts';
import { results } from './evidence/results.ts';
import { retries } from './evidence/retries.ts';
import { runs } from './evidence/runs.ts';
import { siblings } from './evidence/siblings.ts';
import { starts } from './evidence/starts.ts';
import { storeRequests } from './evidence/store-requests.ts';
import { targets } from './evidence/targets.ts';
import { timeline } from './evidence/timeline.ts';
import { alertRule } from './fixes/alert-rule.ts';
import { appConfigurationReferences } from './fixes/app-configuration-references.ts';
import { backoff } from './fixes/backoff.ts';
import { bundleSecrets } from './fixes/bundle-secrets.ts';
import { cacheSecrets } from './fixes/cache-secrets.ts';
import { configurationRefresh } from './fixes/configuration-refresh.ts';
import { configurationTier } from './fixes/configuration-tier.ts';
import type { FixRule } from './fixes/fix.ts';
import { followEvent } from './fixes/follow-event.ts';
import { grantOrRename } from './fixes/grant-or-rename.ts';
import { jitteredStart } from './fixes/jittered-start.ts';
import { limitIncrease } from './fixes/limit-increase.ts';
import { listOnce } from './fixes/list-once.ts';
import { localCrypto } from './fixes/local-crypto.ts';
import { queueInFront } from './fixes/queue-in-front.ts';
import { refreshInterval } from './fixes/refresh-interval.ts';
import { separateVault } from './fixes/separate-vault.ts';
import { singletonClient } from './fixes/singleton-client.ts';
import { slowRestarts } from './fixes/slow-restarts.ts';
import type { Source } from './model.ts';
import { alertmanager } from './sources/alertmanager.ts';
import { azure } from './sources/azure.ts';
import { cloudwatch } from './sources/cloudwatch.ts';

export { RENDERERS, THREAD_RENDERERS } from './chat/render.ts';

export const SOURCES: readonly Source[] = [azure, cloudwatch, alertmanager];

export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  coverage,
  timeline,
  callers,
  retries,
  targets,
  challenges,
  starts,
  runs,
  activity,
  operations,
  listings,
  load,
  attempts,
  answered,
  results,
  siblings,
  metricSeries,
  logLines,
  quota,
  storeRequests,
  owners,
  changes,
  platform,
  identity,
];

export const DIAGNOSES: readonly Diagnosis[] = [
  startupStampede,
  restartLoop,
  polling,
  failingLoop,
  clientPerCall,
  identityOutage,
  platformEvent,
  retryStorm,
  missingCache,
  unpacedRetries,
  organicGrowth,
  transient,
  alertMismatch,
  serviceCaller,
  enumeration,
  writePressure,
  keyTypeLimit,
  subscriptionLimit,
  quotaExhausted,
  noisyNeighbour,
];

/** Most useful first: what is offered is in this order. */
export const ACTIONS: readonly Action[] = [
  acknowledge,
  assign,
  silence,
  resolve,
  clientPolicy,
  processingRule,
  muteRule,
  issue,
  closeAlert,
];

export const FIXES: readonly FixRule[] = [
  followEvent,
  refreshInterval,
  configurationRefresh,
  grantOrRename,
  slowRestarts,
  alertRule,
  backoff,
  jitteredStart,
  singletonClient,
  listOnce,
  cacheSecrets,
  appConfigurationReferences,
  localCrypto,
  bundleSecrets,
  separateVault,
  queueInFront,
  limitIncrease,
  configurationTier,
];
