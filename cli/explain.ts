import { readFileSync } from 'node:fs';
import { readLocalConfig } from '../local/config.ts';
import { openExplainDeps, openLocalStore, readLimits } from '../local/deps.ts';
import { configuredDestinations } from '../shared/adapters/destinations.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { buildMessage } from '../shared/chat/message.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import { lookBack } from '../shared/chat/post-incident.ts';
import { explainRouting } from '../shared/chat/route-words.ts';
import { renderPostIncident } from '../shared/chat/text/post-incident.ts';
import { nearest } from '../shared/config/nearest.ts';
import type { Config } from '../shared/config.ts';
import type { Alert, Incident, Note, Privacy, Source } from '../shared/model.ts';
import { listDeeds } from '../shared/pipeline/deeds.ts';
import { timeNow } from '../shared/pipeline/deps.ts';
import { explainAlerts } from '../shared/pipeline/explain.ts';
import { policyOf, routingRulesOf } from '../shared/pipeline/policy.ts';
import { getIncident } from '../shared/pipeline/read.ts';
import { SOURCES } from '../shared/registry.ts';
import { detectSource } from '../shared/sources/recognise.ts';
import { type Format, readArgs, readFormat } from './args.ts';
import { CHART_HELP, type ChartFile, readChartFile, writeChart } from './chart-file.ts';
import { type CliCommand, type ExitCode, type Io, UsageError, usesColour } from './command.ts';
import { renderIncidents } from './render.ts';

const OPTIONS = {
  incident: { type: 'string' },
  source: { type: 'string' },
  logs: { type: 'string', multiple: true },
  format: { type: 'string' },
  privacy: { type: 'string' },
  chart: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const explain: CliCommand = {
  name: 'explain',
  usage: 'explain (<payload.json> | --incident ID) [--source NAME] [--logs GLOB] [--format FORMAT] [--chart FILE]',
  summary: 'say what an alert means: who, why, who is hurt, what to do',
  help: `Reads an alert payload ('-' for standard input) and explains it with the logs at hand; keeps nothing, tells no one.

  --incident ID   an incident of the local store instead of a payload
  --source NAME   azure, cloudwatch or alertmanager, where the payload's shape does not tell
  --logs GLOB     exported audit logs: files, folders or globs, .gz too (may be given more than once)
  --format FORMAT text, json, markdown, slack or teams (text); markdown of an incident is its post-incident report
  --privacy LEVEL full, masked or minimal, of that report (masked)
${CHART_HELP}

example: headroom explain alert.json --logs 'logs/**/*.json'`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, OPTIONS);
    const format = readFormat(values.format, values.json);
    const drawn = readChartFile(values.chart);
    const [path, ...rest] = positionals;
    if (values.incident !== undefined) {
      if (path !== undefined) throw new UsageError('name a payload file or --incident, not both');
      return explainStored(values.incident, { format, privacy: readPrivacy(values.privacy, format), drawn }, io);
    }
    if (path === undefined || rest.length > 0) throw new UsageError('name one payload file, or --incident');
    if (values.privacy !== undefined) throw new UsageError(PRIVACY_USE);
    const alerts = readPayload(path, values.source === undefined ? undefined : readSource(values.source), io);
    if (alerts === null) return 1;
    const config = readLocalConfig(io.environment);
    const deps = openExplainDeps(config, values.logs ?? config.logs);
    const incidents = await explainAlerts(deps, alerts);
    io.out(renderIncidents(incidents, format, usesColour(io), routingNotes(config)));
    await writeChart(drawn, incidents[0] && buildMessage(incidents[0]).chart, io);
    return 0;
  },
};

type Wanted = { format: Format; privacy: Privacy; drawn: ChartFile | undefined };

async function explainStored(id: string, { format, privacy, drawn }: Wanted, io: Io): Promise<ExitCode> {
  const config = readLocalConfig(io.environment);
  const store = await openLocalStore(config);
  try {
    const incident = await getIncident(store, id.toLowerCase());
    if (!incident) {
      io.err(`headroom explain: there is no incident '${id.slice(0, 40)}'; headroom chat status lists the open ones\n`);
      return 1;
    }
    if (format === 'markdown')
      io.out(renderPostIncident(lookBack(incident, await listDeeds(store, incident.id), privacy)));
    else io.out(renderIncidents([incident], format, usesColour(io), routingNotes(config)));
    await writeChart(drawn, buildMessage(incident, { privacy }).chart, io);
    return 0;
  } finally {
    await store.close();
  }
}

const PRIVACY_USE = '--privacy goes with --incident and --format markdown';

function readPrivacy(given: string | undefined, format: Format): Privacy {
  if (given !== undefined && format !== 'markdown') throw new UsageError(PRIVACY_USE);
  switch (given) {
    case undefined:
      return 'masked';
    case 'full':
    case 'masked':
    case 'minimal':
      return given;
    default:
      throw new UsageError('--privacy is full, masked or minimal');
  }
}

/** Why an incident goes where it goes, by the configuration of this machine. */
function routingNotes(config: Config): (incident: Incident) => Note[] {
  const policy = policyOf(config, readLimits(config));
  const rules = routingRulesOf(config);
  const configured = configuredDestinations(config).map(({ key }) => key);
  const destinations = configured.length > 0 ? configured : ['terminal'];
  return (incident) => {
    const now = timeNow(systemClock);
    const quiet = { until: policy.quietUntil(now), maintenance: policy.inMaintenance(incident.resource, now) };
    return explainRouting(incident, rules, destinations, quiet);
  };
}

function readSource(name: string): Source {
  const known = SOURCES.find((source) => source.name === name);
  if (known) return known;
  const names = SOURCES.map((source) => source.name);
  throw new UsageError(`--source is one of ${names.join(', ')}; did you mean ${nearest(name, names)}?`);
}

/** @returns null after saying why the payload cannot be explained */
function readPayload(path: string, named: Source | undefined, io: Io): Alert[] | null {
  const refuse = (why: string): null => {
    io.err(`headroom explain: ${path}: ${why}\n`);
    return null;
  };
  const read = readJson(path);
  if (!read.ok) return refuse(read.why);
  const source = named ?? detectSource(SOURCES, read.body);
  if (!source) return refuse('is no alert payload that any source knows; --source names one');
  const parsed = source.parse(read.body, new Date().toISOString());
  if (!parsed.ok) return refuse(`${cleanLine(parsed.error)}${parsed.path === '' ? '' : ` (at ${parsed.path})`}`);
  return parsed.alerts.length === 0 ? refuse('holds no alert') : parsed.alerts;
}

function readJson(path: string): { ok: true; body: unknown } | { ok: false; why: string } {
  try {
    // Some shells put a byte-order mark before what they save.
    return { ok: true, body: JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8').replace(/^\ufeff/, '')) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, why: 'is not JSON' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { ok: false, why: WHY_UNREADABLE[code] ?? `cannot be read (${code})` };
  }
}

const WHY_UNREADABLE: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder; name one payload file',
  EACCES: 'may not be read by this user',
};
