import { isConfigurationStore } from '../evidence/kind.ts';
import type { FixRule } from './fix.ts';

/** A tier with a larger quota, or a replica, which has a quota of its own. */
export const configurationTier: FixRule = {
  id: 'configuration-tier',
  invasiveness: 5,
  changesCaller: false,
  propose({ resource }) {
    if (!isConfigurationStore(resource)) return null;
    const name = /^[a-z0-9-]{5,50}$/i.test(resource.name) ? resource.name : '<store>';
    return {
      title: 'A higher tier, or a replica',
      snippet: {
        language: 'bash',
        text: `# Free: 1,000 requests a day; developer: 6,000 an hour; standard: 30,000 an hour; premium: no quota. A store never goes back to free.
az appconfig update --name ${name} --sku Standard
# Standard and premium: each replica has the quota of a store; the providers find it by themselves.
az appconfig replica create --store-name ${name} --name replica1 --location <region>`,
      },
      change: null,
    };
  },
};
