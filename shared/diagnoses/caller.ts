import type { CallerRow } from '../evidence/callers.ts';
import { clientLanguage, LANGUAGE_NAMES } from '../evidence/client-language.ts';
import type { Caller } from '../model.ts';
import { cleanText } from '../sources/clean.ts';

const TEXT_MAX = 200;
const SHORT_ID = 8;

/** A caller as messages carry it: text from the log cleaned and bounded, and a name that a reader can tell it by. */
export function callerOf(row: CallerRow): Caller {
  const text = (value: string): string => cleanText(value, TEXT_MAX);
  const client = row.client === null ? '' : text(row.client);
  return {
    id: text(row.caller),
    kind: row.kind,
    ...(row.appId !== null && { appId: text(row.appId) }),
    ...(row.objectId !== null && { objectId: text(row.objectId) }),
    displayName: row.name === null ? nameOf(row) : text(row.name),
    ...(client !== '' && { client }),
    addresses: row.addresses,
  };
}

/** `JavaScript app 2f56dff0`: what it runs on and the start of its id, until someone says what it is called. */
function nameOf({ caller, client, appId }: CallerRow): string {
  const language = clientLanguage(client);
  const what = appId === null ? 'identity' : 'app';
  const id = cleanText(caller, TEXT_MAX).slice(0, SHORT_ID);
  return language === null ? `${what} ${id}` : `${LANGUAGE_NAMES[language]} ${what} ${id}`;
}

/** Who else was refused, most first; everybody who was, where there is no one culprit. */
export function victimsBeside(rows: readonly CallerRow[], culprit: string | null): Caller[] {
  return rows
    .filter((row) => row.caller !== culprit && row.refused > 0)
    .sort((a, b) => b.refused - a.refused || (a.caller < b.caller ? -1 : 1))
    .map(callerOf);
}
