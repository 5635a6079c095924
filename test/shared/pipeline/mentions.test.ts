import { beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../shared/config.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Severity } from '../../../shared/model.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { policyOf } from '../../../shared/pipeline/policy.ts';
import { revise } from '../../../shared/pipeline/revise.ts';
import type { ChatSender } from '../../../shared/ports.ts';
import { recordsIn } from '../chat/check-text.ts';
import { finding } from '../chat/incidents.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, POLICY, receive, theIncident, type World, workOff } from './kit.ts';

const DANA = { id: 'dana@contoso.com', name: 'Dana' };
const ROUTES = [
  {
    to: [
      { destination: 'slack-bot:C1', mention: { userGroup: 'S0ONCALL' } },
      { destination: 'teams-bot', mention: DANA },
      'slack-webhook',
    ],
  },
];

/** What was sent, by how: `post`, `edit`, `thread`. */
type Sent = { how: string; called: string[] };

let world: World;
let sent: Record<string, Sent[]>;

/** Whom a payload calls, on either platform. */
function calledBy(body: unknown): string[] {
  return recordsIn(body).flatMap(([, { type, range, usergroup_id: group, text }]) => {
    if (type === 'broadcast' || type === 'usergroup') return [String(range ?? group)];
    return type === 'TextBlock' ? [String(text)] : [];
  });
}

function recording(key: string, platform: ChatSender['platform'], canEdit: boolean): ChatSender {
  const kept: Sent[] = [];
  sent[key] = kept;
  const chat = fakeChat({ key, canEdit });
  return {
    ...chat,
    platform,
    post: (rendered) => {
      kept.push({ how: 'post', called: calledBy(rendered.body) });
      return chat.post(rendered);
    },
    edit: (ref, rendered) => {
      kept.push({ how: 'edit', called: calledBy(rendered.body) });
      return chat.edit(ref, rendered);
    },
    ...(canEdit ? { reply: async (_ref, body) => void kept.push({ how: 'thread', called: calledBy(body) }) } : {}),
  };
}

beforeEach(async () => {
  sent = {};
  const read = readConfig({
    environment: {},
    cloud: 'local',
    settings: { routes: ROUTES, scopes: ['00000000-0000-0000-0000-000000000000'] },
  });
  if (!read.ok) throw new Error(read.problems.map(({ problem }) => problem).join());
  const senders = [
    recording('slack-bot:C1', 'slack', true),
    recording('teams-bot', 'teams', true),
    recording('slack-webhook', 'slack', false),
  ];
  world = createWorld(senders, { policy: policyOf(read.config, POLICY.limits) });
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30Z' }));
  await workOff(world);
});

/** As a diagnosis finds it. */
async function find(severity: Severity): Promise<void> {
  const { id } = await theIncident(world);
  const found = (record: IncidentRecord): IncidentRecord =>
    revise(
      record,
      { ...record, severity, findings: [finding()], diagnosedAt: '2026-11-20T14:01:00.000Z' },
      { policy: world.deps.policy, destinations: world.deps.senders, now: '2026-11-20T14:01:00.000Z' },
    );
  await updateIncident(world.deps, id, (record) => record && found(record));
  await world.queue.send({ v: 1, incidentId: id });
  await workOff(world);
}

/** What called somebody, of all that was sent there. */
const callsAt = (key: string) => sent[key]?.filter(({ called }) => called.length > 0);

describe('whom the route names', () => {
  test('is called in the thread by a severe cause, and by no edit', async () => {
    await find(1);
    expect(callsAt('slack-bot:C1')).toEqual([{ how: 'thread', called: ['S0ONCALL'] }]);
    expect(callsAt('teams-bot')).toEqual([{ how: 'thread', called: ['<at>Dana</at>'] }]);
    expect(sent['teams-bot']?.map(({ how }) => how)).toContain('edit');
  });

  test('is called by a new message where nothing can be edited; without a word on it, who is there', async () => {
    await find(1);
    expect(callsAt('slack-webhook')).toEqual([{ how: 'post', called: ['here'] }]);
  });

  test('is not called by what is slight, and once when it becomes severe', async () => {
    await find(3);
    for (const key of Object.keys(sent)) expect(callsAt(key)).toEqual([]);
    expect(sent['slack-bot:C1']?.map(({ how }) => how)).toContain('thread');
    await find(1);
    await find(1);
    expect(callsAt('slack-bot:C1')).toEqual([{ how: 'thread', called: ['S0ONCALL'] }]);
    expect(callsAt('teams-bot')).toEqual([{ how: 'thread', called: ['<at>Dana</at>'] }]);
  });
});
