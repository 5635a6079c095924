import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { oursAmong } from './deployment-receiver.ts';
import { NOT_IN_AZURE } from './deployment-words.ts';

/** Whether Headroom is told in the common schema: in their own, alerts of most kinds name no resource. */
export const deploymentSchema: DeploymentCheck = {
  name: 'common schema',
  async run({ azure, host }) {
    if (azure === null) return NOT_IN_AZURE;
    const webhooks = (await azure.receivers()).flatMap(({ id, webhooks }) =>
      oursAmong(webhooks ?? [], host).map((one) => ({ id, ...one })),
    );
    const off = webhooks.find(({ commonSchema }) => !commonSchema);
    if (off === undefined)
      return { ok: true, detail: webhooks.length === 0 ? 'no webhook calls Headroom' : 'it is on' };
    const group = `az monitor action-group update --ids ${quoted(off.id)}`;
    return {
      ok: false,
      problem: `it is off in the receiver ${off.name} of ${off.id.split('/').at(-1)}`,
      nextStep: 'Make the receiver anew with it, with the alert token',
      command:
        `${group} --remove-action ${quoted(off.name)} && ${group} --add-action webhook ${quoted(off.name)} ` +
        `${quoted(`https://${off.host}${off.path}?token=`)}"$HEADROOM_ALERT_TOKEN" usecommonalertschema`,
    };
  },
};
