import type { ReceiverGroup, WebhookReceiver } from '../model/estate.ts';
import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { NOT_IN_AZURE } from './deployment-words.ts';

const PATH = '/api/alerts/azure';

/** Whether the action groups of the settings are there, on, and call Headroom. */
export const deploymentReceiver: DeploymentCheck = {
  name: 'action groups',
  async run({ azure, host }) {
    if (azure === null) return NOT_IN_AZURE;
    const groups = await azure.receivers();
    if (groups.length === 0)
      return {
        ok: false,
        problem: 'none is named, so that nobody knows whether alerts come',
        nextStep: 'Put the id of the one that calls Headroom into ours.actionGroups of headroom.json',
        command: 'az monitor action-group list --query "[].id" --output tsv',
      };
    for (const group of groups) {
      const problem = problemOf(group, host);
      if (problem !== null) return { ok: false, ...problem };
    }
    return { ok: true, detail: `${groups.length} call Headroom` };
  },
};

/** Those of a group's webhooks that call Headroom. @param host undefined: wherever it is */
export function oursAmong(webhooks: readonly WebhookReceiver[], host: string | undefined): WebhookReceiver[] {
  return webhooks.filter((one) => one.path.endsWith(PATH) && (host === undefined || one.host === host));
}

function problemOf(
  { id, enabled, webhooks }: ReceiverGroup,
  host: string | undefined,
): { problem: string; nextStep: string; command: string } | null {
  const name = id.split('/').at(-1) ?? id;
  if (webhooks === null)
    return {
      problem: `${name} is not there`,
      nextStep: 'Deploy again, or name another one in ours.actionGroups of headroom.json',
      command: 'az monitor action-group list --query "[].id" --output tsv',
    };
  if (!enabled)
    return {
      problem: `${name} is off`,
      nextStep: 'Switch it on',
      command: `az monitor action-group update --ids ${quoted(id)} --set enabled=true`,
    };
  if (oursAmong(webhooks, host).length > 0) return null;
  const calls = webhooks.map((one) => `${one.host}${one.path}`).join(', ');
  return {
    problem: webhooks.length === 0 ? `${name} calls no webhook` : `${name} calls ${calls}, not ${host ?? 'Headroom'}`,
    nextStep: 'Let it call Headroom, with the alert token',
    command:
      `az monitor action-group update --ids ${quoted(id)} --add-action webhook headroom ` +
      `"https://${host ?? '$HEADROOM_HOST'}${PATH}?token=$HEADROOM_ALERT_TOKEN" usecommonalertschema`,
  };
}
