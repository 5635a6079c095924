import { type FixContext, type FixRule, vaultName } from './fix.ts';

/** Refusals in five minutes above which someone should look: a client's own retries see to fewer. */
const REFUSED_MIN = 100;
/** Of the limit in use. */
const SATURATION_PERCENT = 75;

/** Rules that mean what was meant. They change no load, so nothing is predicted. */
export const alertRule: FixRule = {
  id: 'alert-rule',
  invasiveness: 1,
  changesCaller: false,
  propose(context) {
    return {
      title: 'Alert on refusals and on saturation',
      snippet: { language: 'bash', text: snippet(context) },
      change: null,
    };
  },
};

/** @see https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference (metrics and their dimensions) */
function snippet(context: FixContext): string {
  const vault = vaultName(context);
  return `vault=$(az keyvault show --name "${vault}" --query id --output tsv)
# Refused requests: ServiceApiHit cannot tell them, it has no status code.
az monitor metrics alert create --name "${vault}-refused" --resource-group <group> --scopes "$vault" \\
  --condition "count ServiceApiResult > ${REFUSED_MIN} where StatusCode includes 429" \\
  --window-size 5m --evaluation-frequency 1m --severity 2 --action <action group>
# Before that happens: how full the limit is.
az monitor metrics alert create --name "${vault}-filling" --resource-group <group> --scopes "$vault" \\
  --condition "avg SaturationShoebox > ${SATURATION_PERCENT}" \\
  --window-size 5m --evaluation-frequency 1m --severity 3 --action <action group>`;
}
