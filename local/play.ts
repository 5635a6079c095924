import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildMessage } from '../shared/chat/message.ts';
import { renderText } from '../shared/chat/text/message.ts';
import { readConfig } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';
import type { IncidentRecord } from '../shared/incidents/record.ts';
import { deliveryOf, getIncident } from '../shared/pipeline/read.ts';
import type { ChatSender, Log } from '../shared/ports.ts';
import { type Local, startLocal } from './server.ts';

export type PlayOptions = {
  /** Where the played incident's store and logs are kept; emptied first. */
  folder: string;
  host: string;
  port: number;
  seed: number;
  log: Log;
  out(text: string): void;
  /** What happens, as it happens. */
  progress(text: string): void;
  colour: boolean;
};

const SCENARIO = 'storm';
const DIAGNOSED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts the server and plays one incident through the real flow: a simulated vault's audit log on disk, and real-shaped
 * alert payloads over HTTP. Prints the diagnosed message; leaves the server running unless it fails.
 *
 * @throws HeadroomError `timed-out` when the message is not diagnosed in time
 */
export async function playIncident(options: PlayOptions): Promise<Local> {
  const { folder, progress } = options;
  const startedMs = Date.now();
  const say = (text: string): void =>
    progress(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { writeScenario, scenarioDurationMs } = await loadSimulation();
  const startAt = new Date(startedMs - scenarioDurationMs(SCENARIO)).toISOString();
  const { alerts, truth, logFolder } = await writeScenario(SCENARIO, folder, { seed: options.seed, startAt });
  say(
    `simulated an hour of ${truth.resource.name}: ${truth.requests} requests, ${truth.refused} refused, as an audit log`,
  );
  const local = await startLocal(playConfig(folder, logFolder, truth.resource.subscriptionId), {
    ...options,
    senders: [quiet()],
  });
  say(`listening on ${local.url}`);
  try {
    const fired = alerts.filter((alert) => conditionOf(alert) !== 'Resolved');
    const incident = await untilDiagnosed(local, await sendAll(local, fired, say));
    say('read the log, found the cause, brought the message up to date:');
    options.out(`\n${renderText(buildMessage(incident), { colour: options.colour })}\n\n`);
    return local;
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** One destination that keeps nothing: the message is printed once, when it is complete. */
function quiet(): ChatSender {
  return {
    key: 'terminal',
    platform: 'text',
    canEdit: true,
    post: async () => ({ ref: 'here' }),
    edit: async (ref) => ({ ref }),
    find: async () => 'absent',
  };
}

async function loadSimulation() {
  const [{ writeScenario }, { scenarioDurationMs }] = await Promise.all([
    import('../simulation/write.ts'),
    import('../simulation/play.ts'),
  ]);
  return { writeScenario, scenarioDurationMs };
}

/** The environment is left out of it: the played incident must not reach anyone's chat or store. */
function playConfig(folder: string, logFolder: string, subscription: string) {
  const environment = { HEADROOM_HOME: join(folder, 'store'), HEADROOM_LOGS: logFolder };
  const read = readConfig({ environment, settings: { scopes: [subscription] }, cloud: 'local' });
  if (read.ok) return read.config;
  throw new HeadroomError('bug', `the played configuration is refused: ${read.problems[0]?.problem ?? ''}`);
}

async function sendAll(local: Local, alerts: readonly unknown[], say: (text: string) => void): Promise<string> {
  let id = '';
  for (const alert of alerts) {
    const response = await fetch(`${local.url}/api/alerts/azure`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alert),
    });
    const answer: unknown = await response.json();
    if (response.status !== 202 || !hasIncident(answer))
      throw new HeadroomError('bug', `a played alert was answered ${response.status}`);
    id = answer.incident;
    say(`POST /api/alerts/azure  ${ruleOf(alert)}  -> 202 incident ${id}`);
  }
  return id;
}

function hasIncident(answer: unknown): answer is { incident: string } {
  return typeof answer === 'object' && answer !== null && 'incident' in answer && typeof answer.incident === 'string';
}

async function untilDiagnosed(local: Local, id: string): Promise<IncidentRecord> {
  const { deps } = local;
  const deadlineMs = deps.clock.now() + DIAGNOSED_WITHIN_MS;
  while (deps.clock.now() < deadlineMs) {
    const incident = await getIncident(deps, id);
    if (incident && deliveryOf(incident) === 'diagnosed' && !incident.diagnosing) return incident;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
  throw new HeadroomError('timed-out', `incident ${id} was not diagnosed within ${DIAGNOSED_WITHIN_MS / 1000} s`, {
    nextStep: `GET ${local.url}/api/incidents/${id} shows how far it came`,
  });
}

function conditionOf(alert: unknown): string {
  return essentialOf(alert, 'monitorCondition');
}

function ruleOf(alert: unknown): string {
  return essentialOf(alert, 'alertRule');
}

function essentialOf(alert: unknown, name: string): string {
  const { data } = alert as { data?: { essentials?: Record<string, unknown> } };
  return String(data?.essentials?.[name] ?? '');
}
