import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Played, type PlayOptions, playScenario, type ScenarioName, type Truth } from './play.ts';

export type Written = {
  /** Folder and files of the audit log, absolute or relative as `folder` was given. */
  logFolder: string;
  logs: string[];
  alerts: unknown[];
  truth: Truth;
};

/** Plays a scenario and writes its audit log below `folder/logs`, as Azure Storage lays it out, with `truth.json` beside. */
export async function writeScenario(name: ScenarioName, folder: string, options: PlayOptions): Promise<Written> {
  const played = playScenario(name, options);
  const logFolder = join(folder, 'logs');
  const logs = await writeLogs(played, logFolder);
  await writeFile(join(folder, 'truth.json'), `${JSON.stringify(played.truth, null, 2)}\n`);
  return { logFolder, logs, alerts: played.alerts, truth: played.truth };
}

async function writeLogs({ files }: Played, folder: string): Promise<string[]> {
  return Promise.all(
    files.map(async ({ path, lines }) => {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, `${lines.join('\n')}\n`);
      return target;
    }),
  );
}
