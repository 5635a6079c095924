import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { someOf } from './deployment-words.ts';

/** Whether alarms of AWS call what the settings say reaches Headroom, and are not switched off. */
export const deploymentAlarms: DeploymentCheck = {
  name: 'alarm actions',
  async run({ alarms }) {
    if (alarms === null) return { ok: true, detail: 'not asked: ours.alarmActions of headroom.json names none' };
    const found = await alarms();
    const uncalled = found.find(({ enabled, disabled }) => enabled === 0 && disabled.length === 0);
    if (uncalled !== undefined)
      return {
        ok: false,
        problem: `no alarm calls ${uncalled.action}`,
        nextStep: 'Name it in the actions of the alarms that Headroom is to hear of; here are those without any',
        command: "aws cloudwatch describe-alarms --query 'MetricAlarms[?AlarmActions==`[]`].AlarmName' --output text",
      };
    const off = [...new Set(found.flatMap(({ disabled }) => disabled))];
    if (off.length === 0)
      return { ok: true, detail: `alarms that call: ${found.reduce((sum, { enabled }) => sum + enabled, 0)}` };
    return {
      ok: false,
      problem: `the actions of ${someOf(off)} are switched off`,
      nextStep: 'Switch them on, unless somebody is at work there',
      command: `aws cloudwatch enable-alarm-actions --alarm-names ${off.slice(0, 20).map(quoted).join(' ')}`,
    };
  },
};
