/** What packages bring along and nothing here uses. */
import type { Plugin } from 'esbuild';

/**
 * The storage clients can check what they carry against a CRC-64, compiled from C into 83 KB of every bundle. Nothing here asks
 * for that, TLS sees to it: what is left of it throws.
 */
const withoutChecksums: Plugin = {
  name: 'without-checksums',
  setup(build) {
    build.onLoad({ filter: /storage-common[/\\].*[/\\]crc64\.js$/ }, () => ({
      contents: "export default async function noChecksums() { throw new Error('built without checksums'); }",
    }));
  },
};

/**
 * The exporter to Application Insights asks a host of its maker's, hour by hour, how it is to behave, and has no switch for
 * that. What Headroom calls is what its operator configured.
 */
const withoutRemoteSettings: Plugin = {
  name: 'without-remote-settings',
  setup(build) {
    build.onLoad({ filter: /monitor-opentelemetry-exporter[/\\].*[/\\]configurationManager\.js$/ }, () => ({
      contents: `const none = { initialize() {}, shutdown() {}, registerCallback() {} };
        export class ConfigurationManager { static getInstance() { return none; } }`,
    }));
  },
};

/**
 * The way through a proxy, which the pipeline of Microsoft's clients names beside all else that it has. These packages only
 * define, but do not say so; said for them, they are left out where nobody asks for a proxy.
 */
const unlessAsked: Plugin = {
  name: 'unless-asked',
  setup(build) {
    build.onResolve({ filter: /^https?-proxy-agent$/ }, async ({ path, pluginData, importer, kind, resolveDir }) => {
      if (pluginData === unlessAsked) return undefined;
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: unlessAsked });
      return { path: found.path, errors: found.errors, sideEffects: false };
    });
  },
};

export const LEFT_OUT: readonly Plugin[] = [withoutChecksums, withoutRemoteSettings, unlessAsked];
