import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert, ParseResult, Time } from '../../../shared/model.ts';

const ROOT = join(import.meta.dirname, '../../fixtures');

/** Some minutes after the moments in the recorded payloads. */
export const RECEIVED_AT: Time = '2026-01-05T10:30:00.000Z';

/** A fresh copy of `test/fixtures/<name>.json`. */
export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, `${name}.json`), 'utf8'));
}

/** Sets of messages with their certificate, made for checking signatures; no payload by themselves. */
const SIGNED_SET = /-signed$/;

/** Names of all payloads of a sender, as `fixture` takes them. */
export function fixturesOf(sender: string): string[] {
  return readdirSync(join(ROOT, sender))
    .filter((file) => file.endsWith('.json'))
    .map((file) => `${sender}/${file.replace(/\.json$/, '')}`)
    .filter((name) => !SIGNED_SET.test(name));
}

export function senders(): string[] {
  return readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** The alerts of a result that has to be good. */
export function alertsOf(result: ParseResult): Alert[] {
  if (!result.ok) throw new Error(`refused: ${result.error} (${result.path})`);
  return result.alerts;
}

/** The only alert of a result. */
export function onlyAlert(result: ParseResult): Alert {
  const [alert, ...others] = alertsOf(result);
  if (alert === undefined || others.length > 0) throw new Error(`expected one alert, got ${others.length + 1}`);
  return alert;
}

/** The object at a path of a fixture, to change it in place. */
export function at(body: object, ...path: (string | number)[]): Record<string, unknown> {
  let value: unknown = body;
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  if (!isObject(value)) throw new Error(`no object at ${path.join('.')}`);
  return value;
}

/** Lists count too: they have keys like any object. */
export function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
