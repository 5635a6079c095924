import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../../shared/ports.ts';
import { seededRandom } from '../kit.ts';
import {
  atRest,
  buildChild,
  type Chat,
  DEAD_FOR_MS,
  type Home,
  inboxAtRest,
  isAccepted,
  kill,
  type Process,
  repeats,
  start,
  withHome,
} from '../local/kill-home.ts';
import { makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';

/** Runs at once: each has a process of its own, and each process a file and a simulated Slack. */
const AT_ONCE = 4;

/** Deaths in one run. */
const DEATHS = 2;

/** Within this time of its start, or of what it was sent, a process is killed: long enough for all that a payload asks for. */
const KILLED_WITHIN_MS = 400;

export type Killed = { failed: number; lines: string[] };

/** Kills real processes with `kill -9` at any moment, and looks whether the next ones bring all to its end. */
export async function killMany(runs: number, seed: number): Promise<Killed> {
  const failures: string[] = [];
  let marked = 0;
  let next = 0;
  const folder = makeFolder();
  const program = await buildChild(folder);
  const player = async (): Promise<void> => {
    for (let run = next++; run < runs; run = next++) {
      try {
        marked += await killOne(program, seededRandom(seed * 1_000 + run), run % 2 === 0 ? 'bot' : 'webhook');
      } catch (error) {
        failures.push(`  run ${run}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, runs) }, player));
  removeFolder(folder);
  return {
    failed: failures.length,
    lines: [
      `${runs} runs with kill -9, ${runs * DEATHS} processes killed: ${marked} messages say that they may be repeats`,
      ...failures,
    ],
  };
}

async function killOne(program: string, random: Random, chat: Chat): Promise<number> {
  let marked = 0;
  await withHome(program, chat, async (home) => {
    // Each process lives so much later than the one before that whatever this one held is free.
    let behindMs = DEATHS * DEAD_FOR_MS;
    const firedMs = Date.now() - behindMs - 60_000;
    const times = { firedAt: new Date(firedMs).toISOString(), resolvedAt: new Date(firedMs + 30_000).toISOString() };
    let process = await start(home, { behindMs });
    for (const body of [azureAlert(times), azureAlert({ ...times, condition: 'Resolved' })]) {
      const sending = sendUntilAccepted(() => process, body);
      await wait(random() * KILLED_WITHIN_MS);
      await kill(process.child);
      behindMs -= DEAD_FOR_MS;
      process = await start(home, { behindMs });
      await sending;
    }
    await untilTaken(home);
    const [incident, ...others] = await atRest(process, ({ lifecycle }) => lifecycle.state === 'resolved');
    // In any order: what a dead process had received may be taken after what was sent to the next one.
    const outcomes = incident?.alerts
      .map(({ outcome }) => outcome)
      .sort()
      .join();
    hold(
      others.length === 0 && outcomes === 'joined,posted',
      `outcomes are ${outcomes} in ${others.length + 1} incidents`,
    );
    const said = repeats(home);
    marked = said.filter(Boolean).length;
    const unmarked = said.length - marked;
    hold(
      chat === 'webhook' || (said.length === 1 && marked === 0),
      `the bot has ${said.length} messages, ${marked} marked`,
    );
    // The post and the resolve; each death can leave one more that says so.
    hold(unmarked <= 2 && marked <= DEATHS, `the webhook has ${unmarked} messages and ${marked} marked ones`);
    hold(
      JSON.stringify(home.slack.messages.at(-1)).includes('Resolved'),
      'the last message does not say that it is over',
    );
  });
  return marked;
}

/** What was kept and never answered is taken up by the sweep, some time after its sender has sent it again. */
async function untilTaken(home: Home): Promise<void> {
  const left = (await inboxAtRest(home)).filter((state) => state !== 'taken');
  hold(left.length === 0, `payloads are left ${left.join()}`);
}

/** As an action group does: to whatever process runs by then. */
async function sendUntilAccepted(running: () => Process, body: unknown): Promise<void> {
  while (!(await isAccepted(running(), body))) await wait(50);
}

function hold(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
