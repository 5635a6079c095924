import { callerId, type FixRule, vaultName } from './fix.ts';
import { bundleReads } from './what-if/thin.ts';

/** The secrets of one application stand as JSON in one secret, so that a start reads once. */
export const bundleSecrets: FixRule = {
  id: 'bundle-secrets',
  invasiveness: 4,
  changesCaller: true,
  propose(context) {
    return {
      title: 'Read one bundled secret per start',
      snippet: {
        language: 'bash',
        // A secret's value may hold 25 KB.
        text: `# settings.json holds name and value of each secret of the application, at most 25 KB.
az keyvault secret set --vault-name "${vaultName(context)}" --name app-settings \\
  --content-type application/json --file settings.json
# The application reads app-settings once at its start and parses it.`,
      },
      change: bundleReads(callerId(context)),
    };
  },
};
