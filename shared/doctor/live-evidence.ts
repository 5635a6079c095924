import { coverage } from '../evidence/coverage.ts';
import { results } from '../evidence/results.ts';
import type { Resource } from '../model.ts';
import { gather } from '../pipeline/gather.ts';
import { listIncidents } from '../pipeline/read.ts';
import type { EvidenceReader } from '../ports.ts';
import { parseResource } from '../sources/resource.ts';
import type { Check, CheckPorts, CheckResult } from './check.ts';

/** Both stores can be asked about these. */
const VAULT = 'microsoft.keyvault/vaults';

const HOUR_MS = 3_600_000;
/** Within the time of a check. */
const ASKED_MS = 8_000;
/** Newest first: one of them is about a resource that the store covers, or none is. */
const INCIDENTS_LOOKED_AT = 20;

/** Whether the logs of a watched resource can be read, by one small question about the last hour. */
export const logs: Check = {
  name: 'logs',
  run: (ports) =>
    examineStore(ports, {
      language: 'kql',
      kind: coverage.kind,
      without: 'none is asked live: HEADROOM_WORKSPACE_ID or a scope of Azure names where they lie',
      unread: 'who and why stay open',
    }),
};

/** Whether the metrics of a watched resource can be read. */
export const metrics: Check = {
  name: 'metrics',
  run: (ports) =>
    examineStore(ports, {
      language: 'azure-metrics',
      kind: results.kind,
      without: 'none are asked: no scope is one of Azure',
      unread: 'first messages have no chart, and nobody knows how complete a log is',
    }),
};

type Asked = { language: EvidenceReader['language']; kind: string; without: string; unread: string };

async function examineStore(ports: CheckPorts, { language, kind, without, unread }: Asked): Promise<CheckResult> {
  const reader = (ports.readers ?? []).find((one) => one.language === language);
  if (reader === undefined) return { ok: true, detail: without };
  const resource = (await watched(ports)).find((one) => one.type === VAULT && reader.covers(one));
  if (resource === undefined)
    return { ok: true, detail: 'not asked: no vault is known yet; name one in resources of headroom.json' };
  const nowMs = ports.clock.now();
  const hour = { from: new Date(nowMs - HOUR_MS).toISOString(), to: new Date(nowMs).toISOString() };
  const { readings } = await gather(
    { readers: [reader], clock: ports.clock },
    { resource, ...hour, kinds: [kind], windows: ['incident'], timeoutMs: ASKED_MS },
  );
  const reading = readings.find((one) => one.kind === kind && one.window === 'incident' && one.store === reader.store);
  if (reading?.state === 'read') return { ok: true, detail: `those of ${resource.name} are read` };
  return {
    ok: false,
    problem: `those of ${resource.name} cannot be read: ${unread}`,
    nextStep: reading?.nextStep ?? 'See the log of this process',
  };
}

/** Resources that the settings name, then those of the newest incidents. */
async function watched({ config, records, clock }: CheckPorts): Promise<Resource[]> {
  const { incidents } = await listIncidents({ records, clock }, { limit: INCIDENTS_LOOKED_AT });
  const named = [...Object.keys(config.settings.resources), ...config.settings.scopes].map(parseResource);
  return [...named.filter((resource) => resource !== null), ...incidents.map(({ resource }) => resource)];
}
