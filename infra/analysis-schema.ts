/** Writes `shared/analysis.schema.json`, the published JSON Schema of `analyze --format json`: `npm run schema`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { AnalysisSchema } from '../shared/pipeline/analysis-schema.ts';

export const ANALYSIS_SCHEMA_FILE = join(import.meta.dirname, '../shared/analysis.schema.json');

/** The schema as text, as it is committed. */
export function analysisJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(AnalysisSchema);
  const head = {
    $schema,
    $id: 'urn:headroom:analysis:1',
    title: 'headroom.analysis/1',
    description: 'What headroom analyze --format json prints. docs/analyze.md explains it.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(ANALYSIS_SCHEMA_FILE, analysisJsonSchema());
