import type { Alert, Family, Signal } from '../model.ts';

/** Custom property or label by which a payload may name its own family. */
const FAMILY_PROPERTY = 'headroom_family';

type Rule = {
  family: Family;
  category?: RegExp;
  namespace?: RegExp;
  metric?: RegExp;
  /** Where the signal selects status codes, one of them has to match. */
  statusCode?: RegExp;
};

/**
 * The one table of signal families; the first row whose every pattern matches wins. A signal that fits no row is
 * `other:<rule>`. Families keep two alerts about one thing together: the 429 count and the hit count of one vault.
 */
const TABLE: readonly Rule[] = [
  { family: 'platform', category: /^(service-health|resource-health)$/ },
  { family: 'cost', category: /^budget$/ },
  { family: 'availability', metric: /^(availability|serviceapilatency|.*latency|.*availability.*|duration)$/i },
  { family: 'availability', metric: /^(webtest|availabilityresults|failed ?location)/i },
  {
    family: 'throttle',
    namespace: /^microsoft\.keyvault\/vaults$/i,
    metric: /^(serviceapiresult|serviceapihit|saturationshoebox)$/i,
    statusCode: /429|^\*$/,
  },
  { family: 'throttle', namespace: /^microsoft\.appconfiguration\//i, metric: /throttl|quota|httpincomingrequest/i },
  {
    family: 'identity',
    metric: /signin|sign_in|assume_?role|\bsts\b|imds|linklocal|no_ec2_imds|gitlab_runner_cache_s3/i,
  },
  { family: 'throttle', metric: /throttl|(?<!\d)429(?!\d)|too_?many_?requests|rate_?exceeded/i },
];

/** Words in a query or a rule's name that tell what a log alert counts. */
const WORDS: readonly { family: Family; pattern: RegExp }[] = [
  { family: 'identity', pattern: /signinlogs|assumerole|no ec2 imds|\bimds\b/i },
  { family: 'throttle', pattern: /\b429\b|throttl|toomanyrequests/i },
];

/**
 * The signal family of an alert: throttle, availability, identity, platform, cost, else `other:<rule>`.
 * A payload may override it by the custom property `headroom_family`.
 */
export function familyOf(alert: Alert): Family {
  const own = alert.custom[FAMILY_PROPERTY]?.trim().toLowerCase();
  if (own !== undefined && /^[a-z][a-z0-9-]{0,31}$/.test(own)) return own;
  for (const rule of TABLE) if (matches(rule, alert)) return rule.family;
  const text = [alert.rule, ...alert.signals.map((signal) => signal.metric)].join('\n');
  for (const { family, pattern } of WORDS) if (pattern.test(text)) return family;
  // By name: a Resolved may lack the rule's id that its Fired had.
  return `other:${alert.rule.toLowerCase()}`;
}

function matches(rule: Rule, alert: Alert): boolean {
  if (rule.category && !rule.category.test(alert.category)) return false;
  if (!rule.metric) return true;
  const { namespace, metric, statusCode } = rule;
  return alert.signals.some(
    (signal) =>
      metric.test(signal.metric) &&
      (namespace === undefined || namespace.test(signal.namespace ?? '')) &&
      (statusCode === undefined || selects(signal, statusCode)),
  );
}

function selects({ dimensions }: Signal, statusCode: RegExp): boolean {
  const codes = Object.entries(dimensions).filter(([name]) => /^statuscode$/i.test(name));
  return codes.length === 0 || codes.some(([, value]) => statusCode.test(value));
}
