import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { type TeamsApp, teamsManifest, teamsPackage } from '../../infra/teams-app.ts';

const APP: TeamsApp = { appId: '0A1B2C3D-1111-4222-8333-444455556666', site: 'https://headroom.example.com' };

/** Width, height and colour type of a PNG. */
function pngOf(bytes: Uint8Array | undefined): {
  signature: string;
  width: number;
  height: number;
  colourType: number;
} {
  const png = Buffer.from(bytes ?? []);
  return {
    signature: png.subarray(1, 4).toString('latin1'),
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
    colourType: png.readUInt8(25),
  };
}

describe('the Teams app package', () => {
  test('holds the manifest and both icons at its top, of the sizes that Teams asks for', () => {
    const files = unzipSync(teamsPackage(APP));
    expect(Object.keys(files)).toEqual(['manifest.json', 'color.png', 'outline.png']);
    expect(JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString('utf8'))).toEqual(teamsManifest(APP));
    expect(pngOf(files['color.png'])).toEqual({ signature: 'PNG', width: 192, height: 192, colourType: 6 });
    expect(pngOf(files['outline.png'])).toEqual({ signature: 'PNG', width: 32, height: 32, colourType: 6 });
  });

  test('has the same bytes whenever it is written', () => {
    expect(Buffer.from(teamsPackage(APP)).equals(Buffer.from(teamsPackage(APP)))).toBe(true);
    expect(unzipSync(teamsPackage(APP))).toEqual(unzipSync(teamsPackage({ ...APP })));
  });

  test.each([
    [{ appId: 'headroom' }, 'GUID'],
    [{ site: 'http://headroom.example.com' }, 'https'],
    [{ site: 'headroom' }, 'https'],
  ])('is not written for %j', (change, words) => {
    expect(() => teamsPackage({ ...APP, ...change })).toThrow(words);
  });
});

/** Bounds of the published schema, version 1.29. @see https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema */
describe('the manifest', () => {
  const manifest = teamsManifest(APP);
  const [bot] = manifest.bots;

  test('has every required part, within its bounds', () => {
    expect(manifest.$schema).toContain(`/v${manifest.manifestVersion}/`);
    expect(manifest.version).toMatch(/^(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})$/);
    expect(manifest.id).toBe('0a1b2c3d-1111-4222-8333-444455556666');
    expect(manifest.accentColor).toMatch(/^#[0-9A-Fa-f]{6}$/);
    const { developer, name, description } = manifest;
    for (const url of [developer.websiteUrl, developer.privacyUrl, developer.termsOfUseUrl])
      expect(url).toMatch(/^https:\/\/.{1,2040}$/);
    expect(developer.name.length).toBeLessThanOrEqual(32);
    expect(name.short.length).toBeLessThanOrEqual(30);
    expect(name.full.length).toBeLessThanOrEqual(100);
    expect(description.short.length).toBeLessThanOrEqual(80);
    expect(description.full.length).toBeLessThanOrEqual(4_000);
  });

  test('has one bot, with ten commands at most in each scope', () => {
    expect(manifest.bots).toHaveLength(1);
    expect(bot?.botId).toBe(manifest.id);
    expect(bot?.scopes.length).toBeLessThanOrEqual(3);
    const commands = bot?.commandLists.flatMap((list) => list.commands) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.length).toBeLessThanOrEqual(10);
    expect(
      commands.filter(
        ({ title, description }) =>
          title.length > 32 || description.length > 128 || /\p{Cc}/u.test(title + description),
      ),
    ).toEqual([]);
  });
});
