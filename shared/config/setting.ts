import type { Parse } from './values.ts';

/** One name of the configuration table. */
export type Setting<T> = {
  /** Without prefix: `BODY_BYTES`. */
  name: string;
  /** A phrase for people. */
  meaning: string;
  /** A value that parses, for documentation and tests. */
  example: string;
  /** Taken from the environment or a Key Vault reference alone, and held as a `Secret`. */
  secret: boolean;
  /** Says where App Configuration is, and so cannot be read from it. */
  environmentOnly: boolean;
  parse: Parse<T>;
};

/** A setting that always has a value: `fallback` is parsed as if it had been given. */
export type SettingWithFallback<T> = Setting<T> & { fallback: string };

type Options = { secret?: true; environmentOnly?: true };

export function optional<T>(
  name: string,
  parse: Parse<T>,
  meaning: string,
  example: string,
  options: Options = {},
): Setting<T> {
  const { secret = false, environmentOnly = false } = options;
  return { name, meaning, example, secret, environmentOnly, parse };
}

export function withFallback<T>(
  name: string,
  parse: Parse<T>,
  fallback: string,
  meaning: string,
  example: string,
  options: Options = {},
): SettingWithFallback<T> {
  return { ...optional(name, parse, meaning, example, options), fallback };
}

/** `HEADROOM_BODY_BYTES`: the name in the environment. */
export function environmentName(name: string): string {
  return `HEADROOM_${name}`;
}

/** `bodyBytes`: the field of `Config`. */
export function fieldName(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `headroom:config:bodyBytes`: the key in App Configuration. */
export function appConfigurationKey(name: string): string {
  return `${APP_CONFIGURATION_PREFIX}${fieldName(name)}`;
}

export const APP_CONFIGURATION_PREFIX = 'headroom:config:';
export const ENVIRONMENT_PREFIX = 'HEADROOM_';
