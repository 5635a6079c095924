/** Writes `samples/key-vault-storm.json.gz`, the log that `headroom analyze` is tried with: `node samples/make.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Played, playScenario } from '../simulation/play.ts';

export const SAMPLE_FILE = join(import.meta.dirname, 'key-vault-storm.json.gz');

/** A deployment restarts 125 instances that retry at once; six innocent applications share the vault. */
export function playSample(): Played {
  return playScenario('sample', { seed: 5, startAt: '2026-03-02T08:44:00.000Z' });
}

/** The audit log as Azure exports it, one record a line. */
export function sampleText(): string {
  return playSample()
    .files.flatMap(({ lines }) => lines)
    .map((line) => `${line}\n`)
    .join('');
}

if (import.meta.main) writeFileSync(SAMPLE_FILE, gzipSync(sampleText(), { level: 9 }));
