/**
 * Sources of credentials that a lambda does not need: profiles, single sign-on, web identity, containers, instances. The
 * clients load them with `import()` when the environment holds no keys, and a lambda's always does; bundled with them they are
 * 130 KiB of every start. So they are a part of their own beside each bundle.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Stands for the part where a source is asked for. */
export const AWS_CREDENTIALS = 'headroom:aws-credentials';

/** Decides where credentials come from, and keeps those of the environment to itself. */
const CHAIN = join(import.meta.dirname, '../node_modules/@aws-sdk/credential-provider-node');
const IN_CHAIN = /@aws-sdk[/\\]credential-provider-node[/\\]/;

const PROVIDER = /^@(?:aws-sdk|smithy)\/credential-provider-/;

/** @param part how a bundle asks for the part, `./name.cjs` */
export function laterCredentials(part: string): Plugin {
  return {
    name: 'later-credentials',
    setup(build) {
      build.onResolve({ filter: PROVIDER }, ({ kind, importer }) =>
        kind === 'dynamic-import' && IN_CHAIN.test(importer) ? { path: part, external: true } : undefined,
      );
      build.onResolve({ filter: new RegExp(`^${AWS_CREDENTIALS}$`) }, ({ path }) => ({ path, namespace: 'headroom' }));
      build.onLoad({ filter: /.*/, namespace: 'headroom' }, () => ({
        contents: providers()
          .map((name) => `export * from '${name}';`)
          .join('\n'),
        resolveDir: CHAIN,
      }));
    },
  };
}

/** All that the chain may ask for, so that an update of the SDK brings its own. */
function providers(): string[] {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(CHAIN, 'package.json'), 'utf8'),
  );
  return Object.keys(dependencies).filter((name) => PROVIDER.test(name));
}
