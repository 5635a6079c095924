import { randomBytes } from 'node:crypto';
import { readLocalConfig } from '../local/config.ts';
import { openAnyStores } from '../local/deps.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { cleanLine } from '../shared/chat/plain.ts';
import type { Config } from '../shared/config.ts';
import { type Forgotten, forgetPerson } from '../shared/pipeline/forget.ts';
import { readArgs } from './args.ts';
import { type CliCommand, UsageError } from './command.ts';

/** A shorter word stands in too many places that are nobody's name. */
const LEAST_CHARACTERS = 5;
const LISTED = 100;
const SLACK_USER = /^(?:slack:)?[TE]\w+\/([UW]\w{4,})$/;

export const forget: CliCommand = {
  name: 'forget',
  usage: 'forget <id>… [--dry-run] [--json]',
  summary: 'take a person out of everything that is kept',
  help: `Takes a person out of incidents, evidence, payloads and questions from chat, and edits the messages that name them. The audit
trail keeps what was done, by a pseudonym that nobody can trace back. Give everything that the person is known by: e-mail,
Entra object id, slack:<team>/<user>, full name. Ids that the settings link to one of them are added.

Works on the stores that the configuration names, in a cloud too, as whom you are signed in there. The settings file is yours
to change: approvers, identities, aliases.

  --dry-run   only say where the person occurs
  --json      as JSON: { found: [{ where, places }], left: [where] }

Exits with 1 while something is left that is still being worked on: run it again then.

example: headroom forget ann@example.org 22222222-2222-2222-2222-222222222222 "Ann Example" --dry-run`,
  async run(args, io) {
    const { values, positionals } = readArgs(args, { 'dry-run': { type: 'boolean' }, json: { type: 'boolean' } });
    const given = positionals.map((name) => name.trim());
    if (given.length === 0) throw new UsageError('say whom to forget: headroom forget <id>…');
    const short = given.find((name) => name.length < LEAST_CHARACTERS);
    if (short !== undefined)
      throw new UsageError(
        `'${cleanLine(short)}' is too short to stand for a person: ${LEAST_CHARACTERS} characters at least`,
      );
    const config = readLocalConfig(io.environment);
    const names = withLinked(config, given);
    const dryRun = values['dry-run'] ?? false;
    const stores = await openAnyStores(config);
    try {
      const pseudonym = `forgotten-${randomBytes(4).toString('hex')}`;
      const forgotten = await forgetPerson({ ...stores, clock: systemClock }, { names, pseudonym }, { dryRun });
      io.out(values.json ? `${JSON.stringify(forgotten, null, 2)}\n` : asText(forgotten, dryRun));
      return forgotten.left.length > 0 && !dryRun ? 1 : 0;
    } finally {
      await stores.close();
    }
  },
};

/** The names, and those that the settings say are the same person's. */
function withLinked({ settings }: Config, given: readonly string[]): string[] {
  const known = new Set(given.map((name) => name.toLowerCase().replace(/^slack:/, '')));
  const linked = settings.identities.filter((identity) =>
    Object.values(identity).some((id) => known.has(String(id).toLowerCase())),
  );
  const names = [...given, ...linked.flatMap((identity) => Object.values(identity).map(String))];
  // Slack's mentions carry the user's id alone.
  return [...new Set([...names, ...names.flatMap((name) => SLACK_USER.exec(name)?.[1] ?? [])])];
}

function asText({ found, left }: Forgotten, dryRun: boolean): string {
  const places = found.reduce((sum, one) => sum + one.places, 0);
  if (places === 0 && left.length === 0) return 'nothing is kept of this person\n';
  const lines = found.slice(0, LISTED).map((one) => `${cleanLine(one.where)}  ${one.places}`);
  if (found.length > LISTED) lines.push(`and ${found.length - LISTED} more`);
  lines.push(`${dryRun ? 'occurs in' : 'forgotten in'} ${places} places of ${found.length} records`);
  for (const where of left) lines.push(`left, since it is being worked on: ${cleanLine(where)}; run this again later`);
  return `${lines.join('\n')}\n`;
}
