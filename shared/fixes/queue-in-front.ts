import { callerId, type FixContext, type FixRule, type Snippets, snippetFor } from './fix.ts';
import { levelLoad } from './what-if/change.ts';

/** Where no limit is known. */
const USUAL_PER_SECOND = 10;
/** Of the limit, for the caller behind the queue; the rest is for the others. */
const OF_LIMIT = 0.5;

/** What the caller asks for waits in a queue and is worked through at a rate below the limit. */
export const queueInFront: FixRule = {
  id: 'queue-in-front',
  invasiveness: 4,
  changesCaller: true,
  propose(context) {
    const perSecond = ratePerSecond(context);
    return {
      title: `Queue it, at most ${perSecond} a second`,
      ...snippetFor(context, snippets(context, perSecond)),
      change: levelLoad(callerId(context), perSecond),
      settings: { perSecond },
      action: { id: 'client-policy', params: { lever: 'maxRequestsPerSecond', value: perSecond } },
    };
  },
};

/** By what the log shows of the limit, where it shows something else than what is configured. */
function ratePerSecond({ whatIf }: FixContext): number {
  if (whatIf === null) return USUAL_PER_SECOND;
  return Math.max(1, Math.floor((OF_LIMIT * 1000 * whatIf.model.max) / whatIf.model.windowMs));
}

/** The limit is the vault's, so the rate is the fleet's: each process takes its part of it. */
function snippets({ cause }: FixContext, perSecond: number): Snippets {
  const processes = Math.max(1, cause.caller?.addresses ?? 1);
  const each = perSecond / processes;
  const interval = Math.max(1, Math.round(1000 / each));
  const told = `${perSecond} a second for the fleet, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
  return {
    javascript: {
      language: 'typescript',
      text: `import { setTimeout as sleep } from 'node:timers/promises';

// A queue (Service Bus, Storage Queue) takes the work in; what is taken out of it passes here: ${told}.
let nextAt = 0;
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const at = Math.max(Date.now(), nextAt);
  nextAt = at + ${interval};
  await sleep(at - Date.now());
  return work();
}`,
    },
    net: {
      language: 'csharp',
      text: `// A queue (Service Bus, Storage Queue) takes the work in; what is taken out passes here: ${told}.
static readonly RateLimiter Limiter = new TokenBucketRateLimiter(new()
{
    TokenLimit = 1,
    TokensPerPeriod = 1,
    ReplenishmentPeriod = TimeSpan.FromMilliseconds(${interval}),
    QueueLimit = int.MaxValue, // waits instead of failing; the queue before it bounds how much there is
});

static async Task<T> InTurnAsync<T>(Func<Task<T>> work)
{
    using var turn = await Limiter.AcquireAsync();
    return await work();
}`,
    },
    java: {
      language: 'java',
      text: `// A queue (Service Bus, Storage Queue) takes the work in; what is taken out passes here: ${told}.
// io.github.resilience4j:resilience4j-ratelimiter
RateLimiter limiter = RateLimiter.of("vault", RateLimiterConfig.custom()
    .limitForPeriod(1)
    .limitRefreshPeriod(Duration.ofMillis(${interval}))
    .timeoutDuration(Duration.ofMinutes(10))
    .build());
Runnable inTurn = RateLimiter.decorateRunnable(limiter, work);`,
    },
    python: {
      language: 'python',
      text: `# A queue (Service Bus, Storage Queue) takes the work in; what is taken out passes here:
# ${told}.
from aiolimiter import AsyncLimiter

limiter = AsyncLimiter(1, ${interval / 1000})  # one in so many seconds

async def in_turn(work):
    async with limiter:
        return await work()`,
    },
    go: {
      language: 'go',
      text: `// golang.org/x/time/rate. A queue (Service Bus, Storage Queue) takes the work in; what is taken out passes here:
// ${told}.
var limiter = rate.NewLimiter(rate.Every(${interval}*time.Millisecond), 1)

func inTurn(ctx context.Context, work func() error) error {
	if err := limiter.Wait(ctx); err != nil {
		return err
	}
	return work()
}`,
    },
  };
}
