import { LRUCache } from 'lru-cache';
import type { Evidence, Resource } from '../../shared/model.ts';
import { type Answer, answer } from '../../shared/pipeline/answer.ts';
import { type Played, type PlayOptions, playScenario, type ScenarioName } from '../../simulation/play.ts';
import { gatherFrom, published, withFiles } from './evidence/kit.ts';

export const START = '2026-01-05T09:00:00.000Z';

/** Before the first thing that went wrong, as far as an incident's window reaches back. */
const LEAD_MS = 600_000;

export type Told = { played: Played; resource: Resource; evidence: Evidence; answer: Answer };

type Scenario = Omit<PlayOptions, 'startAt'>;

/** A told scenario holds some 30 MB of log lines: files that share a process share as many as that. */
const KEPT_MAX = 8;
const kept = new LRUCache<string, Promise<Told>>({ max: KEPT_MAX });

/**
 * Plays a scenario, writes its log, reads it back through the real database and works the answer out: once for all who ask
 * for the same one, so nobody changes what comes back.
 */
export function tell(name: ScenarioName, options: Scenario): Promise<Told> {
  const key = JSON.stringify([name, options]);
  const known = kept.get(key) ?? play(name, options);
  kept.set(key, known);
  return known;
}

async function play(name: ScenarioName, options: Scenario): Promise<Told> {
  const played = playScenario(name, { startAt: START, ...options });
  const { truth } = played;
  const resource: Resource = {
    cloud: 'azure',
    id: truth.resource.id,
    name: truth.resource.name,
    type: 'microsoft.keyvault/vaults',
    scope: truth.resource.subscriptionId,
  };
  const onset = truth.causes[0]?.onset;
  const files = Object.fromEntries(played.files.map(({ path, lines }) => [path, `${lines.join('\n')}\n`]));
  const evidence = await withFiles(files, (folder) =>
    gatherFrom([folder], {
      resource,
      from: new Date(
        (onset === undefined ? Date.parse(truth.window.to) - 1_200_000 : Date.parse(onset)) - LEAD_MS,
      ).toISOString(),
      to: truth.window.to,
    }),
  );
  return { played, resource, evidence, answer: answer({ resource, evidence, limits: published() }) };
}
