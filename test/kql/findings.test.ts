import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { SAMPLE_FILE } from '../../samples/make.ts';
import { createFilesReader } from '../../shared/adapters/duckdb/files-reader.ts';
import type { Resource, Time } from '../../shared/model.ts';
import { type Answer, answer } from '../../shared/pipeline/answer.ts';
import { gather } from '../../shared/pipeline/gather.ts';
import type { EvidenceReader } from '../../shared/ports.ts';
import { corpusCase, playCorpus } from '../../simulation/corpus.ts';
import { auditLogsRow, diagnosticsRow } from '../../simulation/log-tables.ts';
import { startLogAnalytics } from '../../simulation/servers/log-analytics.ts';
import { fakeClock } from '../kit.ts';
import { logsReader } from '../shared/adapters/azure/logs-kit.ts';
import { published, VAULT, withFiles } from '../shared/evidence/kit.ts';
import { executeOver } from './execute.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS } from './tables.ts';

type Incident = { lines: readonly string[]; resource: Resource; from: Time; to: Time };

function sample(): Incident {
  const lines = gunzipSync(readFileSync(SAMPLE_FILE)).toString().trimEnd().split('\n');
  const { resourceId }: { resourceId: string } = JSON.parse(lines[0] ?? '{}');
  const resource = { ...VAULT, id: resourceId.toLowerCase() };
  return { lines, resource, from: '2026-03-02T08:44:00.000Z', to: '2026-03-02T09:44:00.000Z' };
}

function fromCorpus(seed: number): Incident {
  const { files, truth } = playCorpus(corpusCase(seed));
  const resource = { ...VAULT, id: truth.resource.id.toLowerCase(), name: truth.resource.name };
  return { lines: files.flatMap((file) => file.lines), resource, ...truth.window };
}

async function answerFrom(reader: EvidenceReader, { resource, from, to }: Incident): Promise<Answer> {
  const evidence = await gather({ readers: [reader], clock: fakeClock() }, { resource, from, to });
  return answer({ resource, evidence, limits: published() });
}

function fromFiles(incident: Incident): Promise<Answer> {
  return withFiles({ 'log.json': `${incident.lines.join('\n')}\n` }, (folder) =>
    answerFrom(createFilesReader({ paths: [folder], now: () => 0 }), incident),
  );
}

const WORKSPACE = '11111111-0000-4000-8000-000000000001';

/** Through the SDK's client, over both tables: each holds a part of the lines that the other has too. */
async function fromWorkspace(incident: Incident): Promise<Answer> {
  const server = await startLogAnalytics({ execute: executeOver, now: () => 0 });
  try {
    server.addWorkspace({ id: WORKSPACE, tables: [AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS] });
    const arrived = (row: Readonly<Record<string, unknown>>) => ({ row, availableAtMs: 0 });
    server.addRows(WORKSPACE, AZKV_AUDIT_LOGS.name, incident.lines.map(auditLogsRow).map(arrived));
    const some = incident.lines.filter((_, index) => index % 4 === 0);
    server.addRows(WORKSPACE, AZURE_DIAGNOSTICS.name, some.map(diagnosticsRow).map(arrived));
    const found = await answerFrom(logsReader(server.origin), incident);
    expect(server.failures).toEqual([]);
    return found;
  } finally {
    await server.close();
  }
}

/** Far more than it takes: other tests may have the machine. */
const LONG_MS = 300_000;

test.each<[string, () => Incident, readonly string[]]>([
  ['instances that restart and retry at once', sample, ['startup-stampede', 'unpaced-retries']],
  ['too many writes', () => fromCorpus(12), ['write-pressure']],
  ['nothing at all', () => fromCorpus(14), []],
])(
  'tells of %s the same from a workspace as from its exported files',
  async (_what, play, kinds) => {
    const incident = play();
    const exported = await fromFiles(incident);
    expect(exported.findings.map(({ kind }) => kind)).toEqual(kinds);
    expect(rounded(await fromWorkspace(incident))).toEqual(rounded(exported));
  },
  LONG_MS,
);

/** Without the last digits of fractions, which depend on the order in which numbers are added up. */
function rounded(found: Answer): unknown {
  return JSON.parse(
    JSON.stringify(found, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
  );
}
