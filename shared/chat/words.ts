/** Numbers, times and kinds as an on-call engineer reads them. */
import type { Caller, Resource, Severity, Time, Verdict } from '../model.ts';

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const FRACTION = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** `1,240`, `0.82`, `12.5`; `?` for what is no number. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return Number.isInteger(value) || Math.abs(value) >= 100 ? WHOLE.format(value) : FRACTION.format(value);
}

/** A share 0..1 (or above) as `92 %`. */
export function percentWords(share: number): string {
  return `${numberWords(Math.round(share * 100))} %`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As a sentence begins; a name (`orders-api reads …`) stays as it is. */
export function asSentence(text: string): string {
  return /^[a-z]+(?=[\s,:;.]|$)/.test(text) ? capitalise(text) : text;
}

/** `1 request`, `5 requests`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${numberWords(count)} ${count === 1 ? one : many}`;
}

/** `45 s`, `23 min`, `1 h 5 min`, `2 d 3 h`. */
export function durationWords(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return whole === 60 ? '1 min' : `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`;
}

/** `2026-11-20 14:03 UTC`. */
export function timeWords(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** `2026-11-20 14:03:22 UTC`. */
export function secondWords(time: Time): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
}

/** `14:03 UTC`, with the date when it is another day than `beside`. */
export function clockWords(time: Time, beside?: Time): string {
  return beside !== undefined && beside.slice(0, 10) !== time.slice(0, 10)
    ? timeWords(time)
    : `${time.slice(11, 16)} UTC`;
}

/** Seconds from one time to a later one; null when either cannot be read. */
export function secondsBetween(from: Time, to: Time): number | null {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** @see Azure Monitor: severity 0 Critical, 1 Error, 2 Warning, 3 Informational, 4 Verbose. */
const SEVERITY: Record<Severity, string> = {
  0: 'critical',
  1: 'error',
  2: 'warning',
  3: 'informational',
  4: 'verbose',
};

export function severityWords(severity: Severity): string {
  return `severity ${severity} (${SEVERITY[severity]})`;
}

const ACRONYMS = new Set(['imds', 'sts', 'api', 'iam']);

/** `retry-storm` as `retry storm`, `imds-throttling` as `IMDS throttling`. */
export function kindWords(kind: string): string {
  return kind
    .split(/[-_\s]+/)
    .map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word))
    .join(' ');
}

export function verdictWords(verdict: Verdict): string {
  return verdict === 'ruled-out' ? 'ruled out' : verdict;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['microsoft.keyvault/vaults', 'Key Vault'],
  ['microsoft.appconfiguration/configurationstores', 'App Configuration'],
  ['microsoft.web/sites', 'App Service'],
  ['microsoft.insights/components', 'Application Insights'],
  ['microsoft.compute/virtualmachines', 'virtual machine'],
  ['microsoft.compute/virtualmachinescalesets', 'VM scale set'],
  ['microsoft.operationalinsights/workspaces', 'Log Analytics workspace'],
  ['microsoft.resources/subscriptions', 'subscription'],
  ['aws::lambda::function', 'Lambda function'],
  ['aws::dynamodb::table', 'DynamoDB table'],
]);

/** `Key Vault`, or the type as it stands; undefined when the payload did not say. */
export function typeWords(resource: Resource): string | undefined {
  if (resource.type === 'unknown' || resource.type === '') return undefined;
  return TYPES.get(resource.type.toLowerCase()) ?? resource.type;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a bare GUID, which is no name for a reader. */
export function isGuid(text: string): boolean {
  return GUID.test(text.trim());
}

/** What kind of identity it is, for one whose name is not known. */
export function callerKindWords(kind: Caller['kind']): string {
  return kind === 'unknown' ? 'unidentified caller' : kind;
}

/** Who calls people, as readers know it. */
export function serviceWords(key: string): string {
  return key === 'pagerduty' ? 'PagerDuty' : 'the escalation webhook';
}
