import type { ComposedQuery } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';

/** A query for each kind: one query cannot answer several. Its time and log groups stand beside it, not in it. */
export function composeLogsInsights(kinds: readonly EvidenceKind[], { resource }: ComposeRequest): ComposedQuery {
  const statements = kinds.flatMap(({ kind, logsInsights }) =>
    logsInsights === undefined || resource.cloud !== 'aws'
      ? []
      : [{ kind, window: 'incident' as const, text: logsInsights({ text: insightsText }) }],
  );
  return { setup: [], statements, parameters: {} };
}

/** What no literal can hold: a line break ends the command, and a lone half of a pair is no text. */
const UNSAYABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A string literal: a quote and a backslash are written behind a backslash. What a literal cannot hold is a space.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
 */
export function insightsText(value: string): string {
  return `"${value.replace(UNSAYABLE, ' ').replace(/["\\]/g, '\\$&')}"`;
}
