import {
  type Config,
  type ConfigProblem,
  type ConfigValues,
  describeProblems,
  readConfig,
  settingsPath,
} from '../config.ts';
import { HeadroomError, isHeadroomError } from '../errors.ts';
import type { Log } from '../ports.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is found elsewhere than in the environment. */
export type Remote = {
  environment?: Readonly<Record<string, string>>;
  appConfiguration?: Readonly<Record<string, string>>;
  keyVault?: Readonly<Record<string, string>>;
  /** What is named there and cannot be had. */
  problems: readonly ConfigProblem[];
};

type Options = {
  cloud: 'azure' | 'aws';
  environment: Environment;
  /** What is known at each place now: the same object as long as nothing changed there. Rejects while it is not to be had. */
  remotes: readonly (() => Promise<Remote>)[];
  /** Text of the settings file; undefined when it cannot be read. */
  settingsText(path: string): Promise<string | undefined>;
  /** What this runtime cannot do with the configuration. */
  check(config: Config): Promise<readonly ConfigProblem[]>;
  log: Log;
};

/**
 * The configuration of a running process: read at the first call, and again whenever something changed where it comes from.
 * A configuration that was good stays until there is another good one, however long a store, a vault or the identity
 * service is away, and whatever somebody writes there meanwhile.
 *
 * All problems stand in one line of the log, once; the process stays up.
 *
 * @returns the same object as long as nothing changed
 * @throws HeadroomError from each call: `configuration` while it is wrong, what a remote throws while it is not to be had
 */
export function liveConfig(options: Options): () => Promise<Config> {
  const { remotes, log } = options;
  let seen: readonly Remote[] | undefined;
  let good: Config | undefined;
  let wrong: HeadroomError | undefined;
  let away: string | undefined;
  let reading: Promise<Config> | undefined;

  const take = async (found: readonly Remote[]): Promise<void> => {
    const { config, problems } = await readAll(options, found);
    seen = found;
    if (config !== undefined) {
      if (good !== undefined) log.info('configuration-changed');
      good = config;
      return;
    }
    const described = problems.map((problem, index) => [`problem${index + 1}`, describeProblems([problem])]);
    const kept = good === undefined ? {} : { kept: 'the last good one' };
    log.error('configuration', { problems: problems.length, ...kept, ...Object.fromEntries(described) });
    wrong = new HeadroomError('configuration', 'the configuration is wrong: the log lists its problems');
  };

  const read = async (): Promise<Config> => {
    try {
      const found = await Promise.all(remotes.map((remote) => remote()));
      if (seen === undefined || found.some((one, index) => one !== seen?.[index])) await take(found);
      away = undefined;
    } catch (error) {
      const told = isHeadroomError(error) ? error.message : 'unknown';
      if (told !== away)
        log.warn('configuration-unavailable', {
          error: told,
          nextStep: isHeadroomError(error) ? error.nextStep : null,
        });
      away = told;
      if (good === undefined) throw error;
    }
    if (good !== undefined) return good;
    throw wrong ?? new HeadroomError('bug', 'there is neither a configuration nor a problem with it');
  };

  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

async function readAll(
  { cloud, environment, settingsText, check }: Options,
  found: readonly Remote[],
): Promise<{ config?: Config; problems: readonly ConfigProblem[] }> {
  const unread = found.flatMap(({ problems }) => problems);
  const unresolved = new Set(unread.map(({ name }) => name));
  const resolved = [environment, ...found.map((one) => one.environment ?? {})].flatMap((one) => Object.entries(one));
  const appConfiguration = found.find((one) => one.appConfiguration !== undefined)?.appConfiguration;
  const keyVault = found.find((one) => one.keyVault !== undefined)?.keyVault;
  const values: Omit<ConfigValues, 'cloud' | 'settings'> = {
    environment: Object.fromEntries(resolved.filter(([name]) => !unresolved.has(name))),
    ...(appConfiguration === undefined ? {} : { appConfiguration }),
    ...(keyVault === undefined ? {} : { keyVault }),
  };
  const path = settingsPath(values);
  const settings = path === undefined ? undefined : await settingsText(path);
  const read = readConfig({ ...values, cloud, ...(settings === undefined ? {} : { settings }) });
  if (!read.ok) return { problems: [...unread, ...read.problems] };
  const problems = [...unread, ...(await check(read.config))];
  return problems.length === 0 ? { config: read.config, problems } : { problems };
}

/** Makes a value of what the source gives, and keeps it as long as the source gives the same. A failure is forgotten. */
export function keptWhile<A, B>(source: () => Promise<A>, make: (given: A) => B | Promise<B>): () => Promise<B> {
  let made: { of: A; value: Promise<B> } | undefined;
  return async () => {
    const of = await source();
    if (made === undefined || made.of !== of) {
      const value = Promise.resolve(make(of)).catch((error: unknown) => {
        if (made?.value === value) made = undefined;
        throw error;
      });
      made = { of, value };
    }
    return made.value;
  };
}
