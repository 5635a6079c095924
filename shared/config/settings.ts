import * as z from 'zod/mini';
import type { ConfigProblem } from './reader.ts';
import { describeIssue } from './settings-problems.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';

export type { Settings } from './settings-schema.ts';

/**
 * Settings from the text of `headroom.json`, or from what was parsed of it; `undefined` gives the defaults.
 * Problems name the path and never repeat a value.
 */
export function readSettings(
  given: unknown,
): { ok: true; settings: Settings } | { ok: false; problems: ConfigProblem[] } {
  const json = typeof given === 'string' ? parseJson(given) : { ok: true as const, value: given ?? {} };
  if (!json.ok) return { ok: false, problems: [json.problem] };
  const parsed = z.safeParse(settingsSchema(), json.value);
  if (parsed.success) return { ok: true, settings: withNormalIds(parsed.data) };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => describeIssue(issue, json.value)) };
}

/** What holds without a settings file. */
export function defaultSettings(): Settings {
  return z.parse(settingsSchema(), {});
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; problem: ConfigProblem } {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    // The parser's message repeats the text around the fault, which may hold a secret: only the place is taken from it.
    const [place = ''] = error instanceof Error ? (/ \(line \d+ column \d+\)/.exec(error.message) ?? []) : [];
    return {
      ok: false,
      problem: {
        name: 'HEADROOM_SETTINGS',
        problem: `the settings file is not JSON${place}`,
        nextStep: 'Check its commas and quotes; comments are not allowed.',
      },
    };
  }
}

/** Ids are compared as resources carry them: ARM ids and GUIDs in lower case, ARNs as they are. */
function withNormalIds(settings: Settings): Settings {
  return {
    ...settings,
    aliases: mapKeys(settings.aliases, normalId),
    resources: mapKeys(settings.resources, normalId),
    slos: settings.slos.map((slo) => ({ ...slo, resource: normalId(slo.resource) })),
  };
}

function normalId(id: string): string {
  return id.startsWith('arn:') ? id : id.toLowerCase().replace(/\/+$/, '');
}

function mapKeys<T>(record: Record<string, T>, change: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [change(key), value]));
}
