import type { Resource, Time } from '../../model.ts';
import type { ComposedQuery, Language } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import { composeSql } from './sql.ts';

/** What is asked of one store: kinds of evidence about a resource, from `from` to `to`, half-open. */
export type ComposeRequest = { resource: Resource; from: Time; to: Time };

type Compose = (kinds: readonly EvidenceKind[], request: ComposeRequest) => ComposedQuery;

const COMPOSERS: Partial<Record<Language, Compose>> = {
  sql: composeSql,
};

/** The question in the language of the store. What it cannot say is left out: its reading is `unsupported`. */
export function compose(language: Language, kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  return COMPOSERS[language]?.(kinds, request) ?? { setup: [], statements: [], parameters: {} };
}
