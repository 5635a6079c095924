import type { DeploymentCheck } from './deployment.ts';

/** Slack, SNS and AWS refuse what is signed five minutes off; a minute is on its way there. */
const SKEW_MAX_MS = 60_000;

/** Whether this machine's clock agrees with Resource Manager's. */
export const deploymentClock: DeploymentCheck = {
  name: 'clock',
  async run({ azure, clock }) {
    if (azure === null) return { ok: true, detail: 'not compared: no scope is one of Azure' };
    const theirsMs = await azure.time();
    const skewMs = clock.now() - theirsMs;
    if (Math.abs(skewMs) <= SKEW_MAX_MS) return { ok: true, detail: "it agrees with Azure's" };
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    return {
      ok: false,
      problem: `this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} Azure: tokens and signatures are refused`,
      nextStep: 'Set it (Windows: w32tm /resync)',
      command: 'sudo chronyc makestep',
    };
  },
};
