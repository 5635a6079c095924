import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openExplainDeps } from '../../local/deps.ts';
import { readConfig } from '../../shared/config.ts';
import type { Evidence, Incident, Resource, Row } from '../../shared/model.ts';
import { answer } from '../../shared/pipeline/answer.ts';
import { explainAlerts } from '../../shared/pipeline/explain.ts';
import { gather } from '../../shared/pipeline/gather.ts';
import { azure } from '../../shared/sources/azure.ts';
import { alertCalls } from '../../simulation/alert-payloads.ts';
import { corpusCase, playCorpus } from '../../simulation/corpus.ts';
import { seededRandom } from '../../simulation/random.ts';
import { writeScenario } from '../../simulation/write.ts';
import { incident, refusedSignal } from '../shared/chat/incidents.ts';
import { published } from '../shared/evidence/kit.ts';
import { METRIC_FROM, METRIC_VAULT, readingOf, seriesOf } from '../shared/evidence/metric-readings.ts';

/** A small log of each kind of finding, by its seed in the corpus. */
const SEEDS: Readonly<Record<string, number>> = {
  'client-per-call': 93,
  enumeration: 247,
  'failing-loop': 82,
  'identity-outage': 61,
  'key-type-limit': 23,
  'missing-cache': 29,
  'noisy-neighbour': 69,
  'organic-growth': 34,
  polling: 63,
  'restart-loop': 90,
  'retry-storm': 37,
  'service-caller': 48,
  'startup-stampede': 64,
  'subscription-limit': 118,
  transient: 253,
  'unpaced-retries': 56,
  'write-pressure': 12,
};

const TO = '2026-11-20T14:10:00.000Z';
const STORE: Resource = {
  ...METRIC_VAULT,
  id: METRIC_VAULT.id.replace(/providers.*/, 'providers/microsoft.appconfiguration/configurationstores/shop-config'),
  name: 'shop-config',
  type: 'microsoft.appconfiguration/configurationstores',
};

/** What the provider has open on Key Vault while requests fail. */
const EVENT: Row = {
  trackingId: 'ABCD-123',
  eventType: 'ServiceIssue',
  status: 'Active',
  title: 'Key Vault: elevated error rates in West Europe',
  service: 'Key Vault',
  region: 'West Europe',
  startedMs: Date.parse(METRIC_FROM) - 3_600_000,
  mitigatedMs: null,
};
const OWNER: Row = {
  ...{ asked: METRIC_VAULT.id, how: 'self', resource: METRIC_VAULT.id, name: 'kv-shop', owner: '', team: '' },
  ...{ type: METRIC_VAULT.type, location: 'westeurope', resourceGroup: 'rg-shop' },
};

/** Half an hour's quota of a configuration store, asked for by one client. */
const ASKED: Row = {
  caller: '9a1b77aa-1111-2222-3333-444444444444',
  client: 'azsdk-js-app-configuration/1.13.0 Node/24.11.0',
  requests: 8_000,
  served: 4_000,
  unchanged: 3_900,
  refused: 4_000,
  addresses: 500,
  firstMs: Date.parse(METRIC_FROM),
  lastMs: Date.parse(METRIC_FROM) + 540_000,
};

function minutes(each: (minute: number) => number): number[] {
  return Array.from({ length: 10 }, (_, minute) => each(minute));
}

/** Kinds that no audit log of a vault tells of, by the rows that do. */
const READINGS: Readonly<Record<string, Evidence>> = {
  'platform-event': {
    resource: METRIC_VAULT,
    from: METRIC_FROM,
    to: TO,
    readings: [
      readingOf('platform', [EVENT]),
      readingOf('owners', [OWNER]),
      readingOf('metrics', [
        seriesOf(
          'ServiceApiResult',
          '200',
          minutes((minute) => (minute < 3 ? 1_200 : 400)),
        ),
        seriesOf(
          'ServiceApiResult',
          '429',
          minutes((minute) => (minute < 3 ? 0 : 310)),
        ),
      ]),
    ],
  },
  'quota-exhausted': {
    resource: STORE,
    from: METRIC_FROM,
    to: TO,
    readings: [
      readingOf('quota', [
        seriesOf(
          'HttpIncomingRequestCount',
          '200',
          minutes((minute) => (minute < 5 ? 900 : 0)),
        ),
        seriesOf(
          'HttpIncomingRequestCount',
          '429',
          minutes((minute) => (minute < 5 ? 0 : 900)),
        ),
        seriesOf(
          'RequestQuotaUsage',
          null,
          minutes((minute) => Math.min(100, 90 + 2 * minute)),
        ),
      ]),
      readingOf('store-requests', [ASKED, { ...ASKED, caller: 'key-1', requests: 200, refused: 120, addresses: 2 }]),
    ],
  },
};

/** Every kind of finding that has a picture. */
export const SHOWN_KINDS: readonly string[] = [
  'alert-mismatch',
  ...Object.keys(SEEDS),
  ...Object.keys(READINGS),
].toSorted();

/** An incident of that kind as an installation that knows the resource tells of it. */
export async function incidentOfKind(kind: string): Promise<Incident> {
  const told = await tellOf(kind);
  if (!told.findings.some((finding) => finding.kind === kind)) throw new Error(`no ${kind} was found in its log`);
  return told;
}

async function tellOf(kind: string): Promise<Incident> {
  const readings = READINGS[kind];
  if (readings) return answeredCase(readings);
  const seed = SEEDS[kind];
  const tell = kind === 'organic-growth' ? wholeLog : explainedCase;
  const told = seed === undefined ? await hitsWithoutRefusals() : await tell(seed);
  return { ...told, verified: true };
}

/** An alert on hits in an hour in which nothing was refused. */
async function hitsWithoutRefusals(): Promise<Incident> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-shown-'));
  try {
    const startAt = '2026-03-02T09:00:00.000Z';
    const { alerts } = await writeScenario('storm', join(folder, 'storm'), { seed: 7, startAt });
    const quiet = await writeScenario('healthy', join(folder, 'quiet'), {
      seed: 7,
      startAt: '2026-03-02T10:00:00.000Z',
    });
    const hits = alerts.find((alert) => JSON.stringify(alert).includes('ServiceApiHit'));
    return await explained(hits, '2026-03-02T10:00:00.000Z', quiet.logFolder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Diagnosed from what was read elsewhere than in a log. */
function answeredCase(evidence: Evidence): Incident {
  const { resource } = evidence;
  const told = incident({
    resource,
    severity: 1,
    openedAt: evidence.from,
    diagnosedAt: evidence.to,
    signals: [refusedSignal({ firedAt: evidence.to })],
  });
  const { findings, impact, chart, notes } = answer({ resource, evidence, limits: published(), signals: told.signals });
  return { ...told, findings, notes, ...(impact ? { impact } : {}), ...(chart ? { chart } : {}) };
}

/** The incident that the first alert of a case of the corpus makes, diagnosed from its log. */
async function explainedCase(seed: number): Promise<Incident> {
  const { files, truth, log } = playCorpus(corpusCase(seed));
  const { id, name, subscriptionId } = truth.resource;
  const vault = { name, subscriptionId, resourceGroup: id.split('/')[4] ?? '' };
  const window = { fromMs: Date.parse(truth.window.from), toMs: Date.parse(truth.window.to) };
  const fired = alertCalls(vault, log, window, seededRandom(seed)).find(({ payload }) => {
    const text = JSON.stringify(payload);
    return text.includes('"monitorCondition":"Fired"') && text.includes('kv-throttled');
  });
  const folder = mkdtempSync(join(tmpdir(), 'headroom-shown-'));
  try {
    writeLog(folder, files);
    return await explained(fired?.payload, new Date(fired?.atMs ?? 0).toISOString(), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Growth shows over the whole of a log, beside the same time a day before. */
async function wholeLog(seed: number): Promise<Incident> {
  const { files, truth } = playCorpus(corpusCase(seed));
  const { id, name, subscriptionId } = truth.resource;
  const folder = mkdtempSync(join(tmpdir(), 'headroom-shown-'));
  try {
    writeLog(folder, files);
    const resource = { ...METRIC_VAULT, id, name, scope: subscriptionId };
    return answeredCase(await gather(depsOf(folder), { resource, ...truth.window, signals: [] }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function explained(payload: unknown, receivedAt: string, logs: string): Promise<Incident> {
  const parsed = azure.parse(payload, receivedAt);
  if (!parsed.ok) throw new Error(parsed.error);
  const [incident] = await explainAlerts(depsOf(logs), parsed.alerts);
  if (!incident) throw new Error('the alert makes no incident');
  return incident;
}

function depsOf(logs: string): ReturnType<typeof openExplainDeps> {
  const config = readConfig({ cloud: 'local', environment: { HEADROOM_HOME: join(logs, 'home') } });
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  return openExplainDeps(config.config, [logs]);
}

function writeLog(folder: string, files: ReturnType<typeof playCorpus>['files']): void {
  for (const { path, lines } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
  }
}
