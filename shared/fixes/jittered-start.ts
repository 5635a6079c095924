import { callerId, type FixContext, type FixRule, type Snippet, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { spreadStarts } from './what-if/change.ts';

/** Spreads that are tried, shortest first: a start should not be delayed longer than it must. */
const SPREADS_S = [15, 30, 60, 120, 300, 600] as const;
/** Where the load could not be replayed. */
const USUAL_SPREAD_S = 60;
/** A spread is long enough when at most this share of the refusals is left, and some of the limit is left over. */
const LEFT_SHARE = 0.01;
const UTILISATION_MAX = 0.75;

/** Each instance waits a random time before its first read, and reads its set one by one. */
export const jitteredStart: FixRule = {
  id: 'jittered-start',
  invasiveness: 2,
  changesCaller: true,
  propose(context) {
    const caller = callerId(context);
    const seconds = shortestSpread(context, caller);
    return {
      title: `Spread the start over ${seconds < 120 ? `${seconds} s` : `${seconds / 60} min`}`,
      ...snippetFor(context, snippets(context, seconds)),
      change: spreadStarts(caller, seconds),
      settings: { seconds },
    };
  },
};

function shortestSpread({ whatIf }: FixContext, caller: string | null): number {
  if (whatIf === null) return USUAL_SPREAD_S;
  const isEnough = (seconds: number): boolean => {
    const { throttledBefore, throttledAfter, peakUtilisationAfter } = whatIf.predict(spreadStarts(caller, seconds));
    return throttledAfter <= LEFT_SHARE * throttledBefore && peakUtilisationAfter <= UTILISATION_MAX;
  };
  // Each is a replay of the load, and whatever one spread is enough for, a longer one is too: half of them need no look.
  let [low, high] = [0, SPREADS_S.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(SPREADS_S[middle] ?? USUAL_SPREAD_S)) high = middle;
    else low = middle + 1;
  }
  return SPREADS_S[low] ?? USUAL_SPREAD_S;
}

/** Pods that mount or wait for secrets start a few at a time. */
function rolloutOver(seconds: number): Snippet {
  return {
    language: 'yaml',
    text: `# Deployment: a tenth of the pods at a time, each ready for a while before the next begin.
spec:
  minReadySeconds: ${Math.max(1, Math.round(seconds / 10))}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 10%
      maxUnavailable: 0`,
  };
}

function snippets(context: FixContext, seconds: number): Snippets {
  const url = vaultUrl(context);
  const rollout = rolloutOver(seconds);
  return {
    'csi-driver': rollout,
    'external-secrets': rollout,
    'app-service': {
      language: 'bash',
      text: `# One instance after the other instead of all at once:
az webapp config appsettings set --resource-group <group> --name <app> --slot <slot> --settings @settings.json
az webapp deployment slot swap --resource-group <group> --name <app> --slot <slot>`,
    },
    javascript: {
      language: 'typescript',
      text: `import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultAzureCredential } from '@azure/identity';
import { createSecrets } from 'headroom/secrets';

await sleep(Math.random() * ${seconds * 1000}); // before the first read, in every instance
const secrets = await createSecrets({ credential: new DefaultAzureCredential() }); // paces and retries
const password = await secrets.getSecret('${url}', 'database-password');`,
    },
    net: {
      language: 'csharp',
      text: `// Before the first read, in every instance.
await Task.Delay(TimeSpan.FromSeconds(${seconds} * Random.Shared.NextDouble()));`,
    },
    java: {
      language: 'java',
      text: `// Before the first read, in every instance.
Thread.sleep(ThreadLocalRandom.current().nextLong(${seconds * 1000}L));`,
    },
    python: {
      language: 'python',
      text: `import random, time

time.sleep(random.uniform(0, ${seconds}))  # before the first read, in every instance`,
    },
    go: {
      language: 'go',
      text: `// math/rand/v2; before the first read, in every instance
time.Sleep(rand.N(${seconds} * time.Second))`,
    },
  };
}
