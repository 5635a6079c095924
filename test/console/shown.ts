import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openExplainDeps } from '../../local/deps.ts';
import { buildMessage } from '../../shared/chat/message.ts';
import { renderSlackAnswer } from '../../shared/chat/slack/answer.ts';
import { renderSlack } from '../../shared/chat/slack/message.ts';
import { modalFor } from '../../shared/chat/slack/modals.ts';
import { renderTeamsAnswer } from '../../shared/chat/teams/answer.ts';
import { renderTeams } from '../../shared/chat/teams/message.ts';
import { readConfig } from '../../shared/config.ts';
import type { Answer, Incident } from '../../shared/model.ts';
import { explainAlerts } from '../../shared/pipeline/explain.ts';
import { azure } from '../../shared/sources/azure.ts';
import { alertCalls } from '../../simulation/alert-payloads.ts';
import { corpusCase, playCorpus } from '../../simulation/corpus.ts';
import { seededRandom } from '../../simulation/random.ts';
import { CASES } from '../shared/chat/cases.ts';
import { VAULT } from '../shared/chat/incidents.ts';

export type Shown = { name: string; platform: 'slack' | 'teams'; payload: unknown };

/** A small log of each kind of finding, by its seed in the corpus. */
const SEEDS = {
  'client-per-call': 93,
  enumeration: 247,
  'failing-loop': 82,
  'identity-outage': 61,
  'key-type-limit': 23,
  'missing-cache': 29,
  'noisy-neighbour': 69,
  'organic-growth': 180,
  polling: 63,
  'restart-loop': 90,
  'retry-storm': 37,
  'service-caller': 48,
  'startup-stampede': 64,
  'subscription-limit': 118,
  transient: 253,
  'unpaced-retries': 56,
  'write-pressure': 12,
} as const;

const ACTIONS = [
  { id: 'ack', label: 'Acknowledge', style: 'primary' },
  { id: 'assign', label: 'Assign…' },
  { id: 'silence', label: 'Silence…' },
] as const;

const ANSWER: Answer = {
  title: 'Who asks most of kv-orders-prod',
  lines: ['2026-11-20 14:00 to 15:00 UTC: 80,210 requests, 12,404 refused'],
  table: {
    columns: ['Caller', 'Requests', 'Refused', 'Share'],
    rows: [
      ['orders-api', '61,044', '11,950', '76 %'],
      ['billing-worker', '9,120', '301', '11 %'],
      ['JavaScript app a24fc0be', '6,525', '153', '8 %'],
    ],
  },
  notes: [{ text: 'Two of 60 minutes are not in the log yet.', nextStep: 'ask again in five minutes' }],
};

/**
 * Messages of every finding kind, found in a log of it, and of every other state; an answer; the modals.
 *
 * @param part only those whose name holds it
 */
export async function shownMessages(part: string): Promise<Shown[]> {
  const cases = Object.entries(CASES).map(([name, incident]) => ({ name: `state-${name}`, incident }));
  const found = [];
  for (const [kind, seed] of Object.entries(SEEDS).filter(([name]) => name.includes(part)))
    found.push({ name: kind, incident: await explainedCase(seed) });
  const messages = [...cases, ...found].flatMap(({ name, incident }): Shown[] => {
    const message = buildMessage(incident, { actions: ACTIONS });
    return [
      { name, platform: 'slack', payload: renderSlack(message) },
      { name, platform: 'teams', payload: renderTeams(message) },
    ];
  });
  const plain = CASES['retry-storm'];
  const all: Shown[] = [
    ...messages,
    ...(plain
      ? [
          {
            name: 'webhook',
            platform: 'slack' as const,
            payload: renderSlack(buildMessage(plain), { nativeChart: false }),
          },
        ]
      : []),
    { name: 'answer', platform: 'slack', payload: renderSlackAnswer(ANSWER) },
    { name: 'answer', platform: 'teams', payload: renderTeamsAnswer(ANSWER) },
    { name: 'modal-silence', platform: 'slack', payload: modalFor('silence', { id: 'tcmyo4yu', resource: VAULT }) },
    { name: 'modal-assign', platform: 'slack', payload: modalFor('assign', { id: 'tcmyo4yu', resource: VAULT }) },
  ];
  return all.filter(({ name }) => name.includes(part));
}

/** The incident that the first alert of a case of the corpus makes, diagnosed from its log. */
async function explainedCase(seed: number): Promise<Incident> {
  const { files, truth, log } = playCorpus(corpusCase(seed));
  const { id, name, subscriptionId } = truth.resource;
  const vault = { name, subscriptionId, resourceGroup: id.split('/')[4] ?? '' };
  const window = { fromMs: Date.parse(truth.window.from), toMs: Date.parse(truth.window.to) };
  const fired = alertCalls(vault, log, window, seededRandom(seed)).find(
    ({ payload }) =>
      JSON.stringify(payload).includes('"monitorCondition":"Fired"') &&
      JSON.stringify(payload).includes('kv-throttled'),
  );
  const folder = mkdtempSync(join(tmpdir(), 'headroom-shown-'));
  try {
    for (const { path, lines } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
    }
    const config = readConfig({ cloud: 'local', environment: { HEADROOM_HOME: join(folder, 'home') } });
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    const parsed = azure.parse(fired?.payload, new Date(fired?.atMs ?? 0).toISOString());
    if (!parsed.ok) throw new Error(`case ${seed}: ${parsed.error}`);
    const [incident] = await explainAlerts(openExplainDeps(config.config, [folder]), parsed.alerts);
    if (!incident) throw new Error(`case ${seed} makes no incident`);
    return incident;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
