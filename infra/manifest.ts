import { ALL_NAMES } from '../shared/config/names.ts';
import { environmentName } from '../shared/config/setting.ts';
import { ENTRIES, type Entry, TRIGGERS } from './entries.ts';

/** What has to be deployed: the entries, what starts them, and the settings that all of them take from the environment. */
export type Manifest = {
  schema: 'headroom.manifest/1';
  entries: { name: Entry; azure: Record<string, unknown>; aws: readonly string[] }[];
  /** Names in the environment; a secret one is given as a Key Vault reference or from a secret store. */
  settings: { plain: string[]; secret: string[] };
};

/** `infra/manifest.json` as it has to stand in the tree; `npm run build` writes it. */
export function manifest(): Manifest {
  return {
    schema: 'headroom.manifest/1',
    entries: ENTRIES.map((name) => ({ name, ...TRIGGERS[name] })),
    settings: { plain: names({ secret: false }), secret: names({ secret: true }) },
  };
}

function names(wanted: { secret: boolean }): string[] {
  return ALL_NAMES.filter(({ secret }) => secret === wanted.secret).map(({ name }) => environmentName(name));
}
