import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

/** Options and words of a command; an unknown or incomplete option is a `UsageError`. */
export function readArgs<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'wrong options', {
      cause: error,
    });
  }
}

const FORMATS = ['text', 'json', 'markdown', 'slack', 'teams'] as const;
export type Format = (typeof FORMATS)[number];

export function readFormat(format: string | undefined, json: boolean | undefined): Format {
  if (json) return 'json';
  const known = FORMATS.find((name) => name === (format ?? 'text'));
  if (!known) throw new UsageError(`--format is one of ${FORMATS.join(', ')}`);
  return known;
}

export function readPort(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new UsageError('--port is a whole number from 0 to 65535');
  return Number(text);
}
