import type { DeploymentCheck } from './deployment.ts';

/** Slack, SNS and AWS refuse what is signed five minutes off; a minute is on its way there. */
const SKEW_MAX_MS = 60_000;

/** Whether this machine's clock agrees with those of the clouds that are asked. */
export const deploymentClock: DeploymentCheck = {
  name: 'clock',
  async run({ clocks, clock }) {
    if (clocks.length === 0) return { ok: true, detail: 'not compared: neither Azure nor AWS is asked' };
    for (const { of, time } of clocks) {
      const skewMs = await skewOf(time, clock);
      if (Math.abs(skewMs) <= SKEW_MAX_MS) continue;
      const seconds = Math.round(Math.abs(skewMs) / 1_000);
      return {
        ok: false,
        problem: `this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} ${of}: tokens and signatures are refused`,
        nextStep: 'Set it (Windows: w32tm /resync)',
        command: 'sudo chronyc makestep',
      };
    }
    return { ok: true, detail: `it agrees with that of ${clocks.map(({ of }) => of).join(' and ')}` };
  },
};

async function skewOf(time: () => Promise<number>, clock: { now(): number }): Promise<number> {
  const theirsMs = await time();
  return clock.now() - theirsMs;
}
