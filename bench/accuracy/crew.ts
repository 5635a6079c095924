import { type ChildProcess, fork } from 'node:child_process';
import type { Studied, StudyOptions } from './study.ts';

type Reply = { studied: Studied } | { seed: number; failed: string };

export type Crew = { studied: Studied[]; failed: string[] };

/** Studies all seeds in so many processes; a log that could not be studied is a failure, never left out in silence. */
export async function studyAll(
  seeds: readonly number[],
  options: StudyOptions,
  workers: number,
  onDone: (done: number) => void,
): Promise<Crew> {
  const left = [...seeds];
  const studied: Studied[] = [];
  const failed: string[] = [];
  const file = new URL('./worker.ts', import.meta.url);
  const work = (child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => {
        const seed = left.shift();
        if (seed === undefined) child.disconnect();
        else child.send({ seed, options });
      };
      child.on('message', (reply: Reply) => {
        if ('studied' in reply) studied.push(reply.studied);
        else failed.push(`${reply.seed}: ${reply.failed}`);
        onDone(studied.length + failed.length);
        next();
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a worker ended with ${code}; run one seed with --show to see why`));
      });
      next();
    });
  const children = Array.from({ length: Math.min(workers, seeds.length) }, () => fork(file));
  try {
    await Promise.all(children.map(work));
  } finally {
    for (const child of children) child.kill();
  }
  return { studied: studied.sort((a, b) => a.seed - b.seed), failed };
}
