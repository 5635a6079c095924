import { mayAct } from '../chat/entitlement.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Resource } from '../model.ts';
import { audited, auditRefusal } from '../pipeline/audit.ts';
import { payloadText, readInbox } from '../pipeline/inbox.ts';
import { getIncident, listInbox } from '../pipeline/read.ts';
import { receiveAlerts } from '../pipeline/receive.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';

/** Beginning of a payload's hash, as `headroom replay --list` shows it. */
const HASH = /^[0-9a-f]{8,64}$/;
const INCIDENT = /^[a-z2-7]{8}$/;
const LISTED_HOURS = 14 * 24;
const LISTED_MAX = 500;
const DEAD_LETTERS_MAX = 1_000;

/** Works an incident out anew, with what failed for good of its work; or takes in a payload that was not understood before. */
export const replay: Command = {
  name: 'replay',
  usage: 'replay <incident | payload>',
  example: 'replay k3f7q2ab',
  summary: 'read the logs of an incident anew, or a payload that was not understood',
  writes: true,
  slow: true,
  parse(words) {
    const [typed, ...rest] = words;
    const id = typed?.toLowerCase() ?? '';
    if (rest.length > 0 || (!INCIDENT.test(id) && !HASH.test(id)))
      return { ok: false, problem: 'replay takes the id of an incident, or the beginning of the hash of a payload' };
    return {
      ok: true,
      async run(deps) {
        const record = await getIncident(deps, id);
        if (record) return replayIncident(deps, record);
        return HASH.test(id)
          ? replayPayload(deps, id)
          : plainAnswer(`No incident '${id}'`, ["'status' lists the open ones"]);
      },
    };
  },
};

async function replayIncident(deps: CommandDeps, record: IncidentRecord): Promise<Reply> {
  const refused = await refusal(deps, [record.resource], record.id);
  if (refused) return refused;
  const { letters } = await audited(deps, deps.person, { action: 'replay', incidentId: record.id }, async () => {
    const dead = (await deps.queue.dead(DEAD_LETTERS_MAX)).filter(({ message }) => message.incidentId === record.id);
    for (const letter of dead) {
      await deps.queue.send(letter.message);
      await letter.remove();
    }
    // A late-log run of its own: its minute was planned by nobody, so nobody has done it.
    const runMinutes = Math.max(1, Math.round((deps.clock.now() - Date.parse(record.openedAt)) / 60_000));
    await deps.queue.send({ v: 1, incidentId: record.id, runMinutes });
    return { changed: true, letters: dead.length };
  });
  const lines = letters === 0 ? [] : [`${letters} of its work had failed for good and is tried again`];
  return {
    kind: 'answer',
    answer: { title: `${record.id} (${record.resource.name}) is worked out anew`, lines, notes: [] },
    done: true,
  };
}

async function replayPayload(deps: CommandDeps, hash: string): Promise<Reply> {
  const dead = await listInbox(deps, { hours: LISTED_HOURS, limit: LISTED_MAX, state: 'dead' });
  const line = dead.find(({ payload }) => payload.hash.startsWith(hash));
  const stored = line && (await readInbox(deps.records, line.key));
  const source = deps.sources.find(({ name }) => name === stored?.value.source);
  if (!stored || !source)
    return plainAnswer(`No payload '${hash}' that was not understood`, ["'headroom replay --list --dead' lists them"]);
  const raw = Buffer.from(await payloadText(deps.payloads, stored.value));
  const body = parseJson(raw.toString('utf8'));
  const parsed = body === undefined ? undefined : source.parse(body, stored.value.receivedAt);
  if (!parsed?.ok) {
    const why = parsed ? `${parsed.error}${parsed.path === '' ? '' : ` at ${parsed.path}`}` : 'it is not JSON';
    return plainAnswer(`${hash} is still not understood`, [why]);
  }
  const refused = await refusal(
    deps,
    parsed.alerts.map(({ resource }) => resource),
  );
  if (refused) return refused;
  const { received } = await audited(deps, deps.person, { action: 'replay', detail: hash }, async () => ({
    changed: true,
    received: await receiveAlerts(deps, { source, body, raw }),
  }));
  if (!received.ok) return plainAnswer(`${hash} is still not understood`, [received.error]);
  return { ...plainAnswer(`${hash} is taken in`, [`incidents: ${received.incidents.join(', ')}`]), done: true };
}

async function refusal(
  deps: CommandDeps,
  resources: readonly Resource[],
  incidentId?: string,
): Promise<Reply | undefined> {
  for (const resource of resources) {
    const entitled = mayAct(deps.settings, deps.person.id, 'replay', resource);
    if (entitled.ok) continue;
    await auditRefusal(
      deps,
      deps.person,
      { action: 'replay', ...(incidentId === undefined ? {} : { incidentId }) },
      entitled.reason,
    );
    return plainAnswer(entitled.reason, [entitled.nextStep]);
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
