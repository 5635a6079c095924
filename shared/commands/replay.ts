import { mayAct } from '../chat/entitlement.ts';
import { capitalise, countWords } from '../chat/words.ts';
import type { Resource } from '../model.ts';
import { audited, auditRefusal } from '../pipeline/audit.ts';
import { type Replayed, type ReplayedPayload, replayFound } from '../pipeline/replay.ts';
import { type Found, findReplay } from '../pipeline/replay-find.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';

/** Works an incident out anew, with what failed for good of its work; or takes in a payload that was not understood before. */
export const replay: Command = {
  name: 'replay',
  usage: 'replay <incident | payload>',
  example: 'replay k3f7q2ab',
  summary: 'read the logs of an incident anew, or a payload that was not understood',
  writes: true,
  slow: true,
  parse(words) {
    const [id, ...rest] = words;
    if (id === undefined || rest.length > 0)
      return { ok: false, problem: 'replay takes the id of an incident, or the beginning of the hash of a payload' };
    return {
      ok: true,
      async run(deps) {
        const found = await findReplay(deps, id);
        return found.ok ? play(deps, id, found) : plainAnswer(capitalise(found.message), [found.nextStep]);
      },
    };
  },
};

async function play(deps: CommandDeps, id: string, found: Found & { ok: true }): Promise<Reply> {
  const [first] = found.incidents;
  const asked = { action: 'replay', detail: id.slice(0, 64), ...(first === undefined ? {} : { incidentId: first.id }) };
  for (const resource of resourcesOf(deps, found)) {
    const entitled = mayAct(deps.settings, deps.person.id, 'replay', resource);
    if (entitled.ok) continue;
    await auditRefusal(deps, deps.person, asked, entitled.reason);
    return plainAnswer(entitled.reason, [entitled.nextStep]);
  }
  const { played } = await audited(deps, deps.person, asked, async () => {
    const played = await replayFound(deps, found);
    return { changed: played.incidents.length > 0 || played.payloads.some(({ done }) => done === 'taken-in'), played };
  });
  return { kind: 'answer', answer: answerOf(found, played) };
}

/** What is played is about: of incidents, and of payloads that became none, where they are understood by now. */
function resourcesOf({ sources }: CommandDeps, { incidents, payloads }: Found & { ok: true }): Pick<Resource, 'id'>[] {
  const ofPayloads = payloads.flatMap((kept) => {
    const source = sources.find(({ name }) => name === kept.stored.value.source);
    const parsed = kept.readable ? source?.parse(kept.body, kept.stored.value.receivedAt) : undefined;
    return parsed?.ok ? parsed.alerts.map(({ resource }) => resource) : [];
  });
  const all = [...incidents.map(({ resource }) => resource), ...ofPayloads];
  // Only who may replay everywhere may replay what is about nothing that is known.
  return all.length > 0 ? all : [{ id: '' }];
}

function answerOf({ incidents }: Found & { ok: true }, played: Replayed) {
  const anew = played.incidents.map(({ id, letters }) => {
    const name = incidents.find((record) => record.id === id)?.resource.name ?? '';
    const again = letters === 0 ? '' : `; ${countWords(letters, 'message')} that had failed for good is tried again`;
    return `${id} (${name}) is worked out anew${again}`;
  });
  const lines = [...anew, ...played.payloads.flatMap(lineOf)];
  const [title = 'There was nothing to be done', ...rest] = lines;
  return { title, lines: rest, notes: [] };
}

function lineOf(payload: ReplayedPayload): string[] {
  switch (payload.done) {
    case 'taken-in':
      return [`A payload is taken in, by ${payload.incidents.join(', ')}`];
    case 'refused':
      return [`A payload is still not understood: ${payload.error}`];
    case 'known':
      return [];
  }
}
