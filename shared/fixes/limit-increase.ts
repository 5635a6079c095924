import { digits } from '../diagnoses/digits.ts';
import { type FixContext, type FixRule, vaultName } from './fix.ts';
import { raiseLimit } from './what-if/change.ts';

/** Tried in turn: no more is asked for than is needed. */
const FACTORS = [2, 3, 4, 5] as const;
/** Where the load could not be replayed. */
const USUAL_FACTOR = 2;
/** A limit is high enough when at most this share of the refusals is left. */
const LEFT_SHARE = 0.01;

/** A higher limit for this vault, which Microsoft grants on request where there is a case for it. */
export const limitIncrease: FixRule = {
  id: 'limit-increase',
  invasiveness: 5,
  changesCaller: false,
  propose(context) {
    const factor = leastFactor(context);
    return {
      title: `Ask for ${factor} times the limit`,
      snippet: { language: 'text', text: request(context, factor) },
      change: raiseLimit(factor),
      settings: { factor },
    };
  },
};

function leastFactor({ whatIf }: FixContext): number {
  if (whatIf === null) return USUAL_FACTOR;
  const enough = FACTORS.find((factor) => {
    const { throttledBefore, throttledAfter } = whatIf.predict(raiseLimit(factor));
    return throttledAfter <= LEFT_SHARE * throttledBefore;
  });
  return enough ?? FACTORS[FACTORS.length - 1] ?? USUAL_FACTOR;
}

const CLASS_NAMES: Readonly<Record<string, string>> = {
  secret: 'secrets and certificates: all but create and import',
  create: 'create secret, import certificate, import key',
  key: 'keys: all but create',
  'key-create': 'keys: create',
};

/** @see https://learn.microsoft.com/azure/key-vault/general/overview-throttling (how to ask for a higher limit) */
function request(context: FixContext, factor: number): string {
  const { whatIf, resource } = context;
  const subscription = /^\/subscriptions\/([0-9a-f-]{36})\//i.exec(resource.id)?.[1] ?? '<subscription>';
  const lines = [
    'Support request: Service and subscription limits (quotas) > Key Vault',
    `Vault: ${vaultName(context)}, subscription ${subscription}, region <region>`,
  ];
  if (whatIf === null) return [...lines, `Asked for: ${factor} times the published limit`].join('\n');
  const { limit, model, peak } = whatIf;
  const seconds = limit.windowSeconds;
  return [
    ...lines,
    `Operations: ${CLASS_NAMES[limit.class] ?? limit.class}`,
    `Limit today: ${digits(limit.max)} in ${seconds} s (${limit.source})`,
    ...(Math.round(model.max) === limit.max
      ? []
      : [`Seen to be served while refusing: ${digits(model.max)} in ${seconds} s`]),
    `Observed peak: ${digits(peak)} in ${seconds} s`,
    `Asked for: ${digits(factor * model.max)} in ${seconds} s`,
    'Tried before: <caching, spreading of starts, backoff: support asks for it>',
  ].join('\n');
}
