import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS_SCHEMA_FILE, settingsJsonSchema } from '../../infra/settings-schema.ts';

test('the published JSON Schema is what the settings are read with (npm run schema writes it anew)', () => {
  expect(readFileSync(SETTINGS_SCHEMA_FILE, 'utf8')).toBe(settingsJsonSchema());
});

test('it can be referred to and read', () => {
  const schema = JSON.parse(settingsJsonSchema());
  expect(schema.$id).toBe('urn:headroom:settings:1');
  const undescribed = Object.entries(schema.properties).filter(
    ([, property]) => !(typeof property === 'object' && property !== null && 'description' in property),
  );
  expect(undescribed).toEqual([]);
});
