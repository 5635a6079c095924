import { expect, test } from 'vitest';
import { callers } from '../../../shared/evidence/callers.ts';
import { challenges } from '../../../shared/evidence/challenges.ts';
import type { Reading, Resource, Row } from '../../../shared/model.ts';
import { gather } from '../../../shared/pipeline/gather.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../shared/ports.ts';
import { fakeClock } from '../../kit.ts';
import { FROM, TO, VAULT } from '../evidence/kit.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const CALLER = {
  ...{ caller: APP, kind: 'application', appId: APP, objectId: null, name: null, client: null, requests: 9, served: 9 },
  ...{ forbidden: 0, notFound: 0, refused: 0, failed: 0, addresses: 1, targets: 1, perTargetAndAddress: 1 },
  ...{ peak10s: 1, firstMs: 0, lastMs: 0 },
};
const OWNER = {
  ...{ asked: APP, how: 'system', resource: `${VAULT.id}-site`, name: 'shop', type: 'x', location: 'x' },
  ...{ resourceGroup: 'x', owner: '', team: '' },
};

/** A store that gives these rows by kind, and remembers what it was asked. */
function store(language: EvidenceReader['language'], rows: Record<string, Row[]>) {
  const asked: EvidenceRequest[] = [];
  const reader: EvidenceReader = {
    ...{ store: language, language, covers: (_resource: Resource) => true },
    async read(request): Promise<Reading[]> {
      asked.push(request);
      return request.query.statements.map(({ kind, window = 'incident' }) => ({
        ...{ kind, window, store: language, readAt: TO, state: 'read', truncated: false, completeness: null },
        rows: rows[kind] ?? [],
      }));
    },
  };
  return { reader, asked, texts: () => asked.map(({ query }) => query.statements.map(({ kind }) => kind).join(' ')) };
}

function unanswered(count: number): Row[] {
  return [{ caller: null, challenges: count, addresses: 1, most60s: 1 }];
}

async function play(rows: Record<string, Row[]>) {
  const log = store('sql', rows);
  const graph = store('resource-graph', { owners: [OWNER] });
  const signIns = store('sign-ins', {});
  const budget = { left: 10 };
  const readers = [log.reader, graph.reader, signIns.reader];
  const evidence = await gather({ readers, clock: fakeClock() }, { resource: VAULT, from: FROM, to: TO, budget });
  return { log, graph, signIns, budget, evidence };
}

test('what follows from what was read is asked after it, in as many rounds as it takes', async () => {
  const { log, graph } = await play({ [callers.kind]: [CALLER] });
  expect(log.asked).toHaveLength(1);
  expect(graph.texts()).toEqual(['platform', 'owners', 'changes']);
  const [, owners, changes] = graph.asked.map(({ query }) => query.statements[0]?.text);
  expect(owners).toContain(APP);
  expect(changes).toContain(`${VAULT.id}-site`);
});

test.each([
  [4, 0],
  [5, 1],
])('%i challenges that nothing followed are worth %i questions about sign-ins', async (count, questions) => {
  const { signIns, budget } = await play({ [callers.kind]: [CALLER], [challenges.kind]: unanswered(count) });
  expect(signIns.asked).toHaveLength(questions);
  // Resource Graph reads no log, and keeps to a quota of its own.
  expect(budget.left).toBe(10 - 1 - questions);
});

test('sign-ins are not asked of nobody', async () => {
  const { signIns } = await play({ [challenges.kind]: unanswered(50) });
  expect(signIns.asked).toEqual([]);
});

test('a log that cannot be read leaves the watched resource to be asked about', async () => {
  const graph = store('resource-graph', {});
  await gather({ readers: [graph.reader], clock: fakeClock() }, { resource: VAULT, from: FROM, to: TO });
  expect(graph.texts()).toEqual(['platform', 'owners', 'changes']);
});
