/**
 * Writes the Teams app package, ready to upload: `dist/teams/headroom.zip`, the same bytes for the same input.
 *
 *     node infra/teams-app.ts <application id of the bot> <https address of the installation>
 *
 * `npm run build` writes it too where HEADROOM_TEAMS_APP_ID and TEAMS_APP_SITE are set.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { COMMANDS } from '../shared/commands/dispatch.ts';

const ROOT = resolve(import.meta.dirname, '..');
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The oldest time that an archive can tell: its bytes are to depend on nothing but its content. */
const WRITTEN_AT = new Date(1980, 0, 1);

const SCOPES = ['team', 'groupChat', 'personal'] as const;
/** Teams suggests ten. */
const SUGGESTED = ['status', 'why', 'top', 'timeline', 'limits', 'ack', 'assign', 'silence', 'resolve', 'help'];

export type TeamsApp = {
  /** HEADROOM_TEAMS_APP_ID */
  appId: string;
  /** Where who finds the app in Teams reads about it: https. */
  site: string;
};

/** @see https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json */
export function teamsManifest({ appId, site }: TeamsApp) {
  if (!GUID.test(appId)) throw new Error('the application id is no GUID: take HEADROOM_TEAMS_APP_ID');
  if (URL.parse(site)?.protocol !== 'https:') throw new Error('the address of the installation is no https address');
  const scopes = [...SCOPES];
  return {
    $schema: 'https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json',
    manifestVersion: '1.29',
    version: versionOf(),
    id: appId.toLowerCase(),
    developer: { name: 'Headroom', websiteUrl: site, privacyUrl: site, termsOfUseUrl: site },
    name: { short: 'Headroom', full: 'Headroom: what is throttled, by whom, and what to do' },
    description: {
      short: 'Turns an alert about throttling into an answer and an action.',
      full: 'Posts one message for each incident and keeps it up to date: what is refused, who causes it, who is hurt, what helps. Mention it to ask; press its buttons to acknowledge, assign or silence.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#1F3A5F',
    bots: [
      {
        botId: appId.toLowerCase(),
        scopes,
        supportsFiles: false,
        isNotificationOnly: false,
        commandLists: [{ scopes, commands: SUGGESTED.map(commandOf) }],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
    validDomains: [],
  };
}

function commandOf(name: string): { title: string; description: string } {
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) throw new Error(`there is no command ${name}`);
  return { title: command.name, description: command.summary };
}

function versionOf(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return version;
}

/** The package: the manifest and both icons, at its top. */
export function teamsPackage(app: TeamsApp): Uint8Array {
  const icon = (name: string): Uint8Array => readFileSync(join(ROOT, 'infra/teams', name));
  const files = {
    'manifest.json': strToU8(`${JSON.stringify(teamsManifest(app), null, 2)}\n`),
    'color.png': icon('color.png'),
    'outline.png': icon('outline.png'),
  };
  return zipSync(files, { mtime: WRITTEN_AT, level: 9, os: 3 });
}

/** @returns the path of the file */
export function writeTeamsPackage(app: TeamsApp, outFolder: string): string {
  const path = join(outFolder, 'teams/headroom.zip');
  mkdirSync(join(outFolder, 'teams'), { recursive: true });
  writeFileSync(path, teamsPackage(app));
  return path;
}

if (import.meta.main) {
  const [appId = '', site = ''] = process.argv.slice(2);
  process.stdout.write(`${writeTeamsPackage({ appId, site }, join(ROOT, 'dist'))}\n`);
}
