import type { Clock, Log, LogFields } from '../../ports.ts';
import { systemClock } from './clock.ts';
import { redact, redactText } from './redact.ts';

type Level = keyof Log;
type Line = (level: Level, event: string, fields: LogFields) => string;

/**
 * One JSON object a line: `time`, `level`, `event`, then the fields, redacted. A field cannot stand in for one of the three.
 *
 * @param write gets each line with its line break
 */
export function jsonLog(write: (line: string) => void, clock: Clock = systemClock): Log {
  return createLog(write, (level, event, fields) => {
    const time = new Date(clock.now()).toISOString();
    const line: LogFields = { time, level, event };
    for (const [name, value] of Object.entries(fields)) if (!Object.hasOwn(line, name)) line[name] = value;
    return JSON.stringify(line);
  });
}

const DIM = '\u001b[2m';
const RESET = '\u001b[0m';
const COLOURS: Record<Level, string> = { info: '\u001b[36m', warn: '\u001b[33m', error: '\u001b[31m' };

/**
 * One line for a person's eyes: `14:00:00 warn  queue-full waiting=12`, in local time, redacted.
 *
 * @param write gets each line with its line break
 */
export function prettyLog(write: (line: string) => void, colour: boolean, clock: Clock = systemClock): Log {
  const paint = (code: string, text: string): string => (colour ? `${code}${text}${RESET}` : text);
  return createLog(write, (level, event, fields) => {
    const time = new Date(clock.now()).toTimeString().slice(0, 8);
    const told = Object.entries(fields).map(([name, value]) => `${name}=${quoted(value)}`);
    return [paint(DIM, time), paint(COLOURS[level], level.padEnd(5)), event, ...told].join(' ');
  });
}

function createLog(write: (line: string) => void, line: Line): Log {
  const say =
    (level: Level) =>
    (event: string, fields: LogFields = {}): void =>
      write(`${line(level, redactText(event), redact(fields))}\n`);
  return { info: say('info'), warn: say('warn'), error: say('error') };
}

function quoted(value: LogFields[string]): string {
  const text = String(value);
  return typeof value === 'string' && /[\s"=]|^$/.test(text) ? JSON.stringify(text) : text;
}
