/** Writes `shared/settings.schema.json`, the published JSON Schema of `headroom.json`: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { settingsSchema } from '../shared/config/settings-schema.ts';

export const SETTINGS_SCHEMA_FILE = join(import.meta.dirname, '../shared/settings.schema.json');

/** The schema as text, as it is committed. */
export function settingsJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(settingsSchema(), { io: 'input' });
  const head = {
    $schema,
    $id: 'urn:headroom:settings:1',
    title: 'headroom.json',
    description: 'Settings of Headroom. docs/configuration.md explains them.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(SETTINGS_SCHEMA_FILE, settingsJsonSchema());
