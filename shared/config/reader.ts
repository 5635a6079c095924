import { HeadroomError } from '../errors.ts';
import { ALL_NAMES } from './names.ts';
import { nearest } from './nearest.ts';
import { isSecretReference } from './secret-reference.ts';
import {
  APP_CONFIGURATION_PREFIX,
  appConfigurationKey,
  ENVIRONMENT_PREFIX,
  environmentName,
  type Setting,
  type SettingWithFallback,
} from './setting.ts';
import { bad, type Parsed } from './values.ts';

/** One thing that is wrong with the configuration: whose value, what about it (never the value), and what to do. */
export type ConfigProblem = { name: string; problem: string; nextStep: string };

/** What the composition root read from the outside. An empty value counts as not given. */
export type GivenValues = {
  environment: Readonly<Record<string, string | undefined>>;
  /** Plain values of App Configuration by whole key, `headroom:config:bodyBytes`; others are passed over. Absent: not read. */
  appConfiguration?: Readonly<Record<string, string>>;
  /** Values that App Configuration keeps as Key Vault references, resolved, by the same keys. */
  keyVault?: Readonly<Record<string, string>>;
};

export type Reader = {
  /** The value given, or `undefined` when none is given or it is wrong (then a problem is noted). */
  maybe<T>(setting: Setting<T>): T | undefined;
  /** The value given, else the fallback; also the fallback when it is wrong (then a problem is noted). */
  value<T>(setting: SettingWithFallback<T>): T;
};

const UNRESOLVED_REFERENCE = /^@Microsoft\./i;

/** Reads single names: environment before App Configuration before fallback. What is wrong is added to `problems`. */
export function readerOf(given: GivenValues, problems: ConfigProblem[]): Reader {
  const maybe = <T>(setting: Setting<T>): T | undefined => {
    const found = find(given, setting);
    if (found === undefined) return undefined;
    const parsed = found.ok ? parse(setting, found.value) : found;
    if (parsed.ok) return parsed.value;
    problems.push({ name: environmentName(setting.name), problem: parsed.problem, nextStep: parsed.nextStep });
    return undefined;
  };
  return { maybe, value: (setting) => maybe(setting) ?? fallbackOf(setting) };
}

/** Whether a value is given under this name, right or wrong. */
export function isGiven(given: GivenValues, setting: Setting<unknown>): boolean {
  return find(given, setting) !== undefined;
}

/** Names with our prefix that are no names of ours. */
export function unknownNames(given: GivenValues): ConfigProblem[] {
  const inEnvironment = ALL_NAMES.map((setting) => environmentName(setting.name));
  const inAppConfiguration = ALL_NAMES.map((setting) => appConfigurationKey(setting.name));
  return [
    ...unknownOf(given.environment, ENVIRONMENT_PREFIX, inEnvironment),
    ...unknownOf({ ...given.keyVault, ...given.appConfiguration }, APP_CONFIGURATION_PREFIX, inAppConfiguration),
  ];
}

function unknownOf(
  given: Readonly<Record<string, string | undefined>>,
  prefix: string,
  known: readonly string[],
): ConfigProblem[] {
  return Object.keys(given)
    .filter((name) => name.startsWith(prefix) && !known.includes(name) && trimmed(given[name]) !== undefined)
    .map((name) => ({
      name: printable(name),
      problem: 'is not a known name',
      nextStep: `The nearest one is ${nearest(name, known)}; docs/configuration.md lists all.`,
    }));
}

function find(given: GivenValues, setting: Setting<unknown>): Parsed<string> | undefined {
  const fromEnvironment = trimmed(given.environment[environmentName(setting.name)]);
  if (fromEnvironment !== undefined) return { ok: true, value: fromEnvironment };
  const key = appConfigurationKey(setting.name);
  const plain = trimmed(given.appConfiguration?.[key]);
  const fromVault = trimmed(given.keyVault?.[key]);
  if (setting.environmentOnly && (plain ?? fromVault) !== undefined)
    return bad('stands in App Configuration, which it is to be found by', 'Set it in the environment.');
  if (setting.secret && plain !== undefined)
    return bad(
      'is a secret, but stands in App Configuration as a plain value',
      'Put it into Key Vault and store a Key Vault reference under this key.',
    );
  const value = plain ?? fromVault;
  return value === undefined ? undefined : { ok: true, value };
}

function parse<T>(setting: Setting<T>, value: string): Parsed<T> {
  if (setting.secret && isSecretReference(value))
    return bad(
      'is a reference to AWS Secrets Manager that nothing here resolves',
      'In a lambda, write secretsmanager:<name or ARN>, with #<field> for one field of it; elsewhere give the value itself.',
    );
  if (!UNRESOLVED_REFERENCE.test(value)) return setting.parse(value);
  return bad(
    'is a reference that the platform could not resolve',
    "Check that what it points to exists, and that the app's identity may read it (Key Vault Secrets User, or App Configuration Data Reader).",
  );
}

function fallbackOf<T>(setting: SettingWithFallback<T>): T {
  const parsed = setting.parse(setting.fallback);
  if (parsed.ok) return parsed.value;
  throw new HeadroomError('bug', `the fallback of ${environmentName(setting.name)} ${parsed.problem}`);
}

function trimmed(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

/** A name from outside, fit for a log line. */
function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '').slice(0, 80);
}
