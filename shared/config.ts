/**
 * Environment, App Configuration and settings, given as values, become one validated, frozen `Config`, or the list of
 * everything that is wrong with them. Reads nothing by itself. The names are documented in `docs/configuration.md`.
 */
import { assemble, type Config, type Runtime } from './config/assemble.ts';
import { combinationProblems } from './config/combinations.ts';
import { deepFreeze } from './config/freeze.ts';
import { ALL_NAMES, ENDPOINT_NAMES, NAMES } from './config/names.ts';
import { type ConfigProblem, type GivenValues, isGiven, readerOf, unknownNames } from './config/reader.ts';
import type { ServiceName } from './config/services.ts';
import { APP_CONFIGURATION_PREFIX, appConfigurationKey, environmentName } from './config/setting.ts';
import { defaultSettings, readSettings, type Settings } from './config/settings.ts';

export type { Config } from './config/assemble.ts';
export type { ConfigProblem } from './config/reader.ts';
export { type SecretReference, secretReferences } from './config/secret-reference.ts';
export type { Settings } from './config/settings.ts';
export { APP_CONFIGURATION_PREFIX };

export type ConfigValues = GivenValues & {
  /** Text of the settings file, or what was parsed of it; absent when none is named or it could not be read. */
  settings?: unknown;
  /** What the process runs on. */
  cloud: Runtime;
};

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: ConfigProblem[] };

/** Never throws: whatever is given ends in a configuration, or in all problems at once. */
export function readConfig(values: ConfigValues): ConfigResult {
  const problems: ConfigProblem[] = [...unknownNames(values), ...unreadPlaces(values)];
  const settings = settingsOf(values, problems);
  const config = assemble(readerOf(values, problems), values.cloud, settings);
  problems.push(...combinationProblems(values, config));
  return problems.length === 0 ? { ok: true, config: deepFreeze(config) } : { ok: false, problems };
}

/** Where the settings file is, if one is named: what the composition root reads before it calls `readConfig`. */
export function settingsPath(values: GivenValues): string | undefined {
  return readerOf(values, []).maybe(NAMES.settings);
}

/** Where App Configuration is, if it is named: what the composition root loads before it calls `readConfig`. */
export function appConfigurationEndpoints(environment: GivenValues['environment']): readonly string[] {
  return readerOf({ environment }, []).maybe(NAMES.appConfigurationEndpoints) ?? [];
}

/** Base URL in place of a service's own, for what is asked before there is a configuration; undefined when none is given. */
export function serviceEndpoint(environment: GivenValues['environment'], service: ServiceName): string | undefined {
  const setting = ENDPOINT_NAMES.find(({ name }) => name === `${service}_ENDPOINT`);
  return setting === undefined ? undefined : readerOf({ environment }, []).maybe(setting);
}

/** The keys of App Configuration that the environment overrides: nobody has to read what they refer to. */
export function overriddenKeys(environment: GivenValues['environment']): ReadonlySet<string> {
  const given = ALL_NAMES.filter((setting) => isGiven({ environment }, setting));
  return new Set(given.map(({ name }) => appConfigurationKey(name)));
}

/** Problems as text, one a line, as a start-up error or a log line shows them. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(({ name, problem, nextStep }) => `${name} ${problem}. ${nextStep}`).join('\n');
}

/** Places that are named but were not read: to go on without them would be to run on defaults that nobody wanted. */
function unreadPlaces(values: ConfigValues): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (values.appConfiguration === undefined && isGiven(values, NAMES.appConfigurationEndpoints))
    problems.push({
      name: environmentName(NAMES.appConfigurationEndpoints.name),
      problem: 'names stores that were not read',
      nextStep:
        'Check that they can be reached, with the role App Configuration Data Reader; or set all in the environment.',
    });
  if (values.settings === undefined && isGiven(values, NAMES.settings))
    problems.push({
      name: environmentName(NAMES.settings.name),
      problem: 'names a file that could not be read',
      nextStep: 'Check the path and the permissions of the file.',
    });
  return problems;
}

function settingsOf(values: ConfigValues, problems: ConfigProblem[]): Settings {
  const read = readSettings(values.settings);
  if (read.ok) return read.settings;
  problems.push(...read.problems);
  return defaultSettings();
}
