import { callerId, type FixContext, type FixRule, vaultName } from './fix.ts';
import { dropFailing } from './what-if/thin.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is answered 403 or 404 again and again is granted, or asked for by its right name. */
export const grantOrRename: FixRule = {
  id: 'grant-or-rename',
  invasiveness: 1,
  changesCaller: false,
  propose(context) {
    const vault = vaultName(context);
    return {
      title: 'Grant access, or mend the name',
      snippet: {
        language: 'bash',
        text: `# 403: let it read. A vault with access policies wants "az keyvault set-policy" instead.
az role assignment create --role "Key Vault Secrets User" \\
  --assignee-object-id ${objectId(context)} --assignee-principal-type ServicePrincipal \\
  --scope "$(az keyvault show --name "${vault}" --query id --output tsv)"
# 404: see which names there are, and which were deleted but can be had back.
az keyvault secret list --vault-name "${vault}" --query "[].name" --output tsv
az keyvault secret list-deleted --vault-name "${vault}" --query "[].name" --output tsv
az keyvault secret recover --vault-name "${vault}" --name <name>`,
      },
      change: dropFailing(callerId(context)),
    };
  },
};

function objectId({ cause }: FixContext): string {
  const id = cause.caller?.objectId ?? '';
  return GUID.test(id) ? id : '<object id of its identity>';
}
