import type { Reading, Row } from '../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../shared/ports.ts';

/** A log store that answers each kind with the rows it was given, and remembers what it was asked. */
export function fakeLogs(rows: Record<string, Row[]>): EvidenceReader & { asked: EvidenceRequest[] } {
  const asked: EvidenceRequest[] = [];
  return {
    store: 'fake',
    language: 'sql',
    asked,
    covers: () => true,
    async read(request) {
      asked.push(request);
      const readAt = request.to;
      return request.query.statements.map(({ kind, window = 'incident' }): Reading => {
        const head = { kind, store: 'fake', window, readAt };
        return { ...head, state: 'read', rows: rows[kind] ?? [], truncated: false, completeness: null };
      });
    },
  };
}

export function callerRow(caller: string, given: Row = {}): Row {
  return {
    caller,
    kind: 'application',
    appId: caller,
    objectId: null,
    name: null,
    client: 'azsdk-js',
    requests: 100,
    served: 90,
    forbidden: 0,
    notFound: 0,
    refused: 10,
    failed: 0,
    addresses: 2,
    targets: 3,
    perTargetAndAddress: 1,
    peak10s: 40,
    firstMs: 0,
    lastMs: 1,
    ...given,
  };
}
