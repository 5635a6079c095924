import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANALYSIS_SCHEMA_FILE, analysisJsonSchema } from '../../infra/analysis-schema.ts';

test('the published JSON Schema is what the document is checked with (npm run schema writes it anew)', () => {
  expect(readFileSync(ANALYSIS_SCHEMA_FILE, 'utf8')).toBe(analysisJsonSchema());
});

test('it can be referred to, and allows no field that it does not describe', () => {
  const schema = JSON.parse(analysisJsonSchema());
  expect(schema.$id).toBe('urn:headroom:analysis:1');
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toEqual(['schema', 'skipped', 'resources']);
});
