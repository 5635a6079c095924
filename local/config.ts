import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, describeProblems, readConfig, settingsPath } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';

type Environment = Record<string, string | undefined>;

/**
 * The configuration of a process on one machine: the environment, over a `.env` file in the working folder, and the
 * settings file that they name.
 *
 * @throws HeadroomError `configuration` with every problem, one a line
 */
export function readLocalConfig(given: Environment): Config {
  const environment = { ...dotEnv(), ...given };
  const path = settingsPath({ environment });
  const settings = path === undefined ? undefined : readText(path);
  const read = readConfig({ environment, cloud: 'local', ...(settings === undefined ? {} : { settings }) });
  if (read.ok) return read.config;
  throw new HeadroomError(
    'configuration',
    `the configuration has ${count(read.problems.length)}\n${describeProblems(read.problems)}`,
  );
}

function count(problems: number): string {
  return problems === 1 ? 'a problem:' : `${problems} problems:`;
}

/** Only this product's names are taken from the file: it may be another program's as well. */
function dotEnv(): Environment {
  const text = readText('.env');
  if (text === undefined) return {};
  return Object.fromEntries(Object.entries(parseEnv(text)).filter(([name]) => name.startsWith('HEADROOM_')));
}

/** Without a byte-order mark. Undefined when it cannot be read; `readConfig` says so where that is a problem. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch {
    return undefined;
  }
}
